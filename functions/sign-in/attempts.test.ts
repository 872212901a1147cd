import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDatabase, type Connected } from '../shared/database/pool.ts';
import { Refusal } from '../shared/contract/errors.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';
import {
  cancelAttempt,
  countAttempt,
  failuresMax,
  forgiveAttempt,
  identifyAttempt,
  windowMinutes,
} from './attempts.ts';

let copies: Connected<UsersSchema>[];
beforeAll(async () => {
  const { url } = (await givenDatabases()).users;
  copies = [1, 2].map((copy) => createDatabase<UsersSchema>(url, { max: 8, name: `attempts test, copy ${copy}` }));
});
beforeEach(() => database(0).deleteFrom('sign_in_attempt').execute());
afterAll(() => Promise.all(copies.map(({ db }) => db.destroy())));

const start = new Date('2026-11-23T08:00:00Z');
function database(i: number) {
  return copies[i % copies.length]!.db;
}
function minutesLater(minutes: number): Date {
  return new Date(start.getTime() + minutes * 60_000);
}
function attemptAs(email: string, address = '192.0.2.1') {
  return identifyAttempt('secret', email, address);
}
/** How many of `count` attempts at once, through both copies, were let through. */
async function countLetThrough(
  count: number,
  attemptOf: (i: number) => ReturnType<typeof attemptAs>,
  now = start,
): Promise<number> {
  const results = await Promise.allSettled(
    Array.from({ length: count }, (_, i) => countAttempt(database(i), attemptOf(i), now)),
  );
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'too_many_attempts', status: 429 });
  }
  return results.filter(({ status }) => status === 'fulfilled').length;
}

test('lets exactly ten guesses at one email through, however many come at once from however many addresses', async () => {
  expect(await countLetThrough(40, (i) => attemptAs('alice@example.com', `192.0.2.${i}`))).toBe(failuresMax.email);
  expect(await countLetThrough(5, () => attemptAs('ALICE@example.com'))).toBe(0);
  expect(await countLetThrough(1, () => attemptAs('bob@example.com'))).toBe(1);
});

test('lets exactly a hundred guesses from one address through, whatever the emails', async () => {
  expect(await countLetThrough(120, (i) => attemptAs(`user${i}@example.com`))).toBe(failuresMax.address);
  expect(await countLetThrough(1, () => attemptAs('new@example.com', '198.51.100.7'))).toBe(1);
});

test('counts nothing against an email whose guesser has used up the attempts of their address', async () => {
  await countLetThrough(100, (i) => attemptAs(`user${i}@example.com`));
  expect(await countLetThrough(50, () => attemptAs('victim@example.com'))).toBe(0);
  expect(await countLetThrough(10, () => attemptAs('victim@example.com', '198.51.100.7'))).toBe(10);
});

test('says in seconds when to come back, and lets go when the window is over', async () => {
  await countLetThrough(10, () => attemptAs('alice@example.com'));
  const refusal = await countAttempt(database(0), attemptAs('alice@example.com'), minutesLater(5)).catch(
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(Refusal);
  expect((refusal as Refusal).headers).toEqual({ 'Retry-After': String((windowMinutes - 5) * 60) });

  expect(await countLetThrough(40, () => attemptAs('alice@example.com'), minutesLater(windowMinutes))).toBe(
    failuresMax.email,
  );
});

test('forgets the failures of an email after success, and only this attempt of the address', async () => {
  await countLetThrough(10, () => attemptAs('alice@example.com'));
  await forgiveAttempt(database(1), attemptAs('alice@example.com'));
  expect(await failuresOf()).toEqual({ address: 9, email: 0 });
  expect(await countLetThrough(11, () => attemptAs('alice@example.com'))).toBe(10);
});

test('takes back an attempt that could not be checked', async () => {
  await countLetThrough(3, () => attemptAs('alice@example.com'));
  await cancelAttempt(database(1), attemptAs('alice@example.com'));
  expect(await failuresOf()).toEqual({ address: 2, email: 2 });
});

test('prunes windows that are over', async () => {
  await countLetThrough(15, (i) => attemptAs(`user${i}@example.com`, `192.0.2.${i}`));
  await countLetThrough(1, () => attemptAs('late@example.com', '198.51.100.7'), minutesLater(windowMinutes));
  await countLetThrough(1, () => attemptAs('late@example.com', '198.51.100.7'), minutesLater(windowMinutes));
  const rows = await database(0).selectFrom('sign_in_attempt').select('subject').execute();
  expect(rows).toHaveLength(2);
});

test('counts and forgives at once without a deadlock', async () => {
  const work = Array.from({ length: 60 }, (_, i) => async () => {
    const attempt = attemptAs(`user${i % 3}@example.com`, `192.0.2.${i % 2}`);
    await countAttempt(database(i), attempt, minutesLater(i % 2 ? 0 : windowMinutes)).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
    });
    await forgiveAttempt(database(i), attempt);
  });
  await Promise.all(work.map((one) => one()));
});

test('takes all addresses of an IPv6 network, and both spellings of an IPv4 address, for one', () => {
  const same = (one: string, two: string): boolean =>
    identifyAttempt('s', 'e', one).address === identifyAttempt('s', 'e', two).address;
  expect(same('2001:db8::1', '2001:0db8:0:0:ffff::9')).toBe(true);
  expect(same('2001:db8::1', '2001:db8:0:1::1')).toBe(false);
  expect(same('::1', '::2')).toBe(true);
  expect(same('fe80::1%eth0', 'fe80::2')).toBe(true);
  expect(same('::ffff:192.0.2.1', '192.0.2.1')).toBe(true);
  expect(same('192.0.2.1', '192.0.2.2')).toBe(false);
});

test('writes neither emails nor addresses', () => {
  expect(Object.values(attemptAs('alice@example.com'))).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}$/),
    expect.stringMatching(/^[0-9a-f]{64}$/),
  ]);
  expect(identifyAttempt('another secret', 'alice@example.com', '192.0.2.1')).not.toEqual(
    attemptAs('alice@example.com'),
  );
});

async function failuresOf(): Promise<Record<string, number>> {
  const rows = await database(0).selectFrom('sign_in_attempt').select(['kind', 'failures']).execute();
  return Object.fromEntries(rows.map(({ kind, failures }) => [kind, failures]));
}
