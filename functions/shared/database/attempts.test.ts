// Counting attempts on two copies at once.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Refusal } from '../contract/errors.ts';
import { createDatabase, type Connected } from '../database/pool.ts';
import type { UsersSchema } from '../database/users-schema.ts';
import { givenDatabases } from '../testing/postgres.ts';
import { countAttempts, createHash, forgive, takeBack, type Attempt, type Limit } from './attempts.ts';

const limit: Limit = {
  name: 'tries',
  free: 5,
  firstWaitSeconds: 30,
  longestWaitSeconds: 3600,
  forgottenSeconds: 86_400,
};
const wide: Limit = { ...limit, name: 'tries-of-many', free: 20 };
const fading: Limit = { ...limit, name: 'look-ups', lastsSeconds: 60 };
const closing: Limit = { ...limit, name: 'guesses', most: 7 };

let copies: Connected<UsersSchema>[];
beforeAll(async () => {
  const { url } = (await givenDatabases()).users;
  copies = [1, 2].map((copy) => createDatabase<UsersSchema>(url, { max: 8, name: `attempts test, copy ${copy}` }));
});
beforeEach(() => database(0).deleteFrom('attempt').execute());
afterAll(() => Promise.all(copies.map(({ db }) => db.destroy())));

const start = new Date('2026-11-23T08:00:00Z');
const hash = createHash('secret', 'test');
function database(i: number) {
  return copies[i % copies.length]!.db;
}
function later(seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000);
}
function by(who: string, its = limit): Attempt {
  return { limit: its, subject: hash(who) };
}
/** Undefined: let through. */
async function waitOf(attempts: Attempt[], now = start, copy = 0): Promise<number | undefined> {
  try {
    await countAttempts(database(copy), attempts, now);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'too_many_attempts', status: 429 });
    return Number((error as Refusal).headers['retry-after']);
  }
}
async function countLetThrough(count: number, attemptsOf: (i: number) => Attempt[], now = start): Promise<number> {
  const waits = await Promise.all(Array.from({ length: count }, (_, i) => waitOf(attemptsOf(i), now, i)));
  return waits.filter((wait) => wait === undefined).length;
}

test('lets exactly as many through as are free, however many come at once', async () => {
  expect(await countLetThrough(40, () => [by('alice')])).toBe(5);
  expect(await countLetThrough(3, () => [by('bob')])).toBe(3);
});

test('waits twice as long each time, up to the longest wait, and lets one through after each', async () => {
  await countLetThrough(5, () => [by('alice')]);
  const waits = [];
  let seconds = 0;
  for (let i = 0; i < 9; i++) {
    const wait = (await waitOf([by('alice')], later(seconds))) ?? 0;
    waits.push(wait);
    seconds += wait;
    expect(await countLetThrough(10, () => [by('alice')], later(seconds))).toBe(1);
  }
  expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
});

test('says how long to wait in the fields that programs read', async () => {
  await countLetThrough(5, () => [by('alice')]);
  const refusal = await countAttempts(database(0), [by('alice')], later(10.5)).catch((error: unknown) => error);
  expect(refusal).toMatchObject({
    headers: {
      'retry-after': '20',
      'ratelimit-policy': '"tries";q=5;w=86400',
      ratelimit: '"tries";r=0;t=20',
    },
  });
});

test('counts under no limit what one of them refuses', async () => {
  await countLetThrough(5, () => [by('network', wide), by('alice')]);
  expect(await countLetThrough(50, () => [by('network', wide), by('alice')])).toBe(0);
  expect(await countLetThrough(50, (i) => [by('network', wide), by(`other ${i}`)])).toBe(15);
});

test('tells of the longer wait when two limits refuse', async () => {
  await countLetThrough(5, () => [by('alice')]);
  await countLetThrough(5, () => [by('a', fading)], later(20));
  expect(await waitOf([by('a', fading), by('alice')], later(20))).toBe(30);
});

test('forgets what succeeded, and what was no attempt', async () => {
  await countLetThrough(5, () => [by('alice')]);
  await takeBack(database(1), by('alice'));
  expect(await countLetThrough(5, () => [by('alice')])).toBe(1);
  await forgive(database(1), by('alice'));
  expect(await countLetThrough(9, () => [by('alice')])).toBe(5);
});

test('forgets after a time without attempts, and at once what fades', async () => {
  await countLetThrough(5, () => [by('alice'), by('bob', fading)]);
  expect(await countLetThrough(9, () => [by('bob', fading)], later(180))).toBe(3);
  expect(await waitOf([by('alice')], later(86_399))).toBe(undefined);
  expect(await waitOf([by('alice')], later(86_400))).toBe(59);
  expect(await countLetThrough(9, () => [by('alice')], later(86_399 + 86_400))).toBe(5);
});

test('closes after as many as may ever be, until they are forgotten', async () => {
  await countLetThrough(5, () => [by('alice', closing)]);
  expect(await waitOf([by('alice', closing)], later(30))).toBe(undefined);
  expect(await waitOf([by('alice', closing)], later(90))).toBe(undefined);
  expect(await waitOf([by('alice', closing)], later(100))).toBe(86_390);
  expect(await waitOf([by('alice', closing)], later(90 + 86_400))).toBe(undefined);
});

test('counts, forgives and takes back at once without a deadlock', async () => {
  const work = Array.from({ length: 60 }, (_, i) => async () => {
    const attempts = [by(`network ${i % 2}`, wide), by(`alice ${i % 3}`)];
    await countAttempts(database(i), attempts, later(i % 2 ? 0 : 86_400)).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
    });
    for (const attempt of attempts) await (i % 2 ? forgive : takeBack)(database(i), attempt);
  });
  await Promise.all(work.map((one) => one()));
});

test('prunes what is forgotten', async () => {
  await countLetThrough(15, (i) => [by(`user ${i}`)]);
  await countLetThrough(1, () => [by('late')], later(86_400));
  expect(await database(0).selectFrom('attempt').select('subject').execute()).toHaveLength(1);
});

test('writes nothing that tells who was counted', () => {
  expect(hash('alice@example.com')).toMatch(/^[0-9a-f]{64}$/);
  expect(createHash('another secret', 'test')('alice@example.com')).not.toBe(hash('alice@example.com'));
  expect(createHash('secret', 'another')('alice@example.com')).not.toBe(hash('alice@example.com'));
});
