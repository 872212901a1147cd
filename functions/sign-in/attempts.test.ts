// Who is counted with whom: owners and guessers, on two copies at once.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Refusal } from '../shared/contract/errors.ts';
import { createDatabase, type Connected } from '../shared/database/pool.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import {
  cancelSignIn,
  countSignIn,
  deviceLimit,
  emailInNetworkLimit,
  emailLimit,
  forgiveSignIn,
  networkLimit,
} from './attempts.ts';

let copies: Connected<UsersSchema>[];
beforeAll(async () => {
  const { url } = (await givenDatabases()).users;
  copies = [1, 2].map((copy) => createDatabase<UsersSchema>(url, { max: 8, name: `attempts test, copy ${copy}` }));
});
beforeEach(() => database(0).deleteFrom('attempt').execute());
afterAll(() => Promise.all(copies.map(({ db }) => db.destroy())));

type From = { address?: string; deviceId?: string; passwordHash?: string };

const start = new Date('2026-11-23T08:00:00Z');
const day = 86_400;
function database(i: number) {
  return copies[i % copies.length]!.db;
}
function later(seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000);
}
function count(email: string, from: From = {}, now = start, copy = 0) {
  const { address = '192.0.2.1', deviceId, passwordHash = null } = from;
  return countSignIn(database(copy), 'secret', { email, address, deviceId, passwordHash }, now);
}
async function signIn(email: string, from: From = {}, now = start): Promise<void> {
  await forgiveSignIn(database(1), await count(email, from, now), now);
}
async function guess(times: number, email: string | ((i: number) => string), fromOf: (i: number) => From, now = start) {
  const emailOf = typeof email === 'string' ? () => email : email;
  const results = await Promise.allSettled(
    Array.from({ length: times }, (_, i) => count(emailOf(i), fromOf(i), now, i)),
  );
  return results.filter(({ status }) => status === 'fulfilled').length;
}
const anywhere = (i: number): From => ({ address: `198.51.${i >> 8}.${i & 255}` });
const somewhere = (): From => ({ address: '203.0.113.7' });

/** Guesses from everywhere, as fast as they are let through, for as long as anything is. */
async function attack(email: string): Promise<number> {
  let guesses = 0;
  for (let seconds = 0; seconds < 5 * day; seconds += 3600)
    guesses += await guess(seconds === 0 ? 40 : 3, email, (i) => anywhere(seconds / 900 + i), later(seconds));
  return guesses;
}

test('one network guesses at one address five times, then ever slower', async () => {
  expect(await guess(30, 'alice@example.com', somewhere)).toBe(emailInNetworkLimit.free);
  expect(await guess(30, 'ALICE@Example.COM', somewhere)).toBe(0);
  expect(await guess(4, 'bob@example.com', somewhere)).toBe(4);
});

test('all networks together guess at one address ten times', async () => {
  expect(await guess(40, 'alice@example.com', anywhere)).toBe(emailLimit.free);
});

test('one network guesses at many addresses a hundred times', async () => {
  expect(await guess(130, (i) => `user${i}@example.com`, somewhere)).toBe(networkLimit.free);
  expect(await guess(1, 'new@example.com', () => ({ address: '198.51.100.7' }))).toBe(1);
});

test('letters of other alphabets that look like a, b, c to some are guesses at another address', async () => {
  expect(await guess(30, '\u212Aaren@example.com', somewhere)).toBe(5);
  expect(await guess(30, 'karen@example.com', somewhere)).toBe(5);
});

test('guessers without end are let through a hundred times, and the owner always: from a known device or network', async () => {
  const device = { address: '192.0.2.77', deviceId: 'a'.repeat(16) };
  await signIn('alice@example.com', { address: '192.0.2.5' });
  const guesses = await attack('alice@example.com');
  expect(guesses).toBeGreaterThan(90);
  expect(guesses).toBeLessThanOrEqual(100);

  for (const from of [device, { address: '192.0.2.5' }]) {
    expect(await guess(1, 'alice@example.com', () => from, later(5 * day))).toBe(1);
    await signIn('alice@example.com', from, later(5 * day));
  }
  // Which gave the guessers nothing: they wait until all is forgotten.
  expect(await guess(9, 'alice@example.com', anywhere, later(6 * day))).toBe(0);
  expect(await guess(40, 'alice@example.com', anywhere, later(36 * day))).toBe(10);
});

test('a known device has its own counter, which nobody else uses up', async () => {
  const device = { deviceId: 'a'.repeat(16), ...somewhere() };
  expect(await guess(130, (i) => `user${i}@example.com`, somewhere)).toBe(100);
  expect(await guess(30, 'alice@example.com', () => device)).toBe(deviceLimit.free);
  expect(await guess(1, 'alice@example.com', () => ({ ...device, deviceId: 'b'.repeat(16) }))).toBe(1);
});

test('who knows the password is forgiven, but not the network for others', async () => {
  await guess(4, 'alice@example.com', somewhere);
  await guess(90, (i) => `user${i}@example.com`, somewhere);
  await signIn('alice@example.com', somewhere());
  expect(await guess(9, 'alice@example.com', somewhere)).toBe(5);
  expect(await guess(9, (i) => `more${i}@example.com`, somewhere)).toBe(1);
});

test('a new password begins anew', async () => {
  expect(await guess(40, 'alice@example.com', anywhere)).toBe(10);
  const changed = (i: number): From => ({ ...anywhere(i), passwordHash: 'another' });
  expect(await guess(40, 'alice@example.com', changed)).toBe(10);
});

test('what could not be checked is not counted', async () => {
  await cancelSignIn(database(1), await count('alice@example.com', somewhere()));
  expect(await guess(9, 'alice@example.com', somewhere)).toBe(5);
});

test('the answer says how long to wait', async () => {
  await guess(5, 'alice@example.com', somewhere);
  const refusal = (await count('alice@example.com', somewhere(), later(12)).catch((e: unknown) => e)) as Refusal;
  expect(refusal.headers).toMatchObject({ 'retry-after': '18', ratelimit: '"sign-in";r=0;t=18' });
});

test('writes neither addresses of people nor of computers', async () => {
  await signIn('alice@example.com');
  await count('alice@example.com');
  const rows = await database(0).selectFrom('attempt').selectAll().execute();
  expect(rows).toHaveLength(3);
  expect(JSON.stringify(rows)).not.toMatch(/alice|192\.0/);
});
