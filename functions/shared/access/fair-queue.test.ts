// Whose turn it is, by counting turns and not by time.
import { expect, test } from 'vitest';
import { createFairQueue } from './fair-queue.ts';

/** Work that ends when it is told to. Turns are noted in the order in which they began. */
function givenQueue(limits = { atOnce: 1, waitingMax: 10 }) {
  const queue = createFairQueue(limits, () => new Error('full'));
  const began: string[] = [];
  const refused: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (name: string, lane = 'lane', network = name): void => {
    const work = () => new Promise<void>((resolve) => (began.push(name), ends.push(resolve)));
    queue.run({ lane, network }, work).catch(() => refused.push(name));
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const endOne = async () => {
    ends.shift()?.();
    await settle();
  };
  const endAll = async () => {
    while (ends.length > 0) await endOne();
  };
  return { ask, began, refused, endOne, endAll, settle };
}

test('runs so many at once, and the next when one ends', async () => {
  const { ask, began, endOne } = givenQueue({ atOnce: 3, waitingMax: 10 });
  for (const name of ['a', 'b', 'c', 'd', 'e']) ask(name);
  expect(began).toEqual(['a', 'b', 'c']);
  await endOne();
  expect(began).toEqual(['a', 'b', 'c', 'd']);
});

test('a network that asks often gets no more turns than one that asks once', async () => {
  const { ask, began, endAll } = givenQueue({ atOnce: 1, waitingMax: 100 });
  for (let i = 0; i < 50; i++) ask('flood');
  ask('alice');
  ask('bob');
  await endAll();
  expect(began.slice(0, 5)).toEqual(['flood', 'flood', 'alice', 'bob', 'flood']);
  expect(began).toHaveLength(52);
});

test('a lane that is flooded from many networks leaves every other turn to the other lanes', async () => {
  const { ask, began, endAll } = givenQueue({ atOnce: 1, waitingMax: 300 });
  for (let i = 0; i < 300; i++) ask('registration', 'registration', `network ${i}`);
  for (let i = 0; i < 3; i++) ask('sign-in', 'sign-in', `home ${i}`);
  await endAll();
  expect(began.indexOf('sign-in')).toBeLessThanOrEqual(2);
  expect(began.lastIndexOf('sign-in')).toBeLessThanOrEqual(6);
});

test('a full lane takes a newcomer instead of the last of the network that waits most', async () => {
  const { ask, began, refused, endAll, settle } = givenQueue({ atOnce: 1, waitingMax: 10 });
  for (let i = 0; i < 50; i++) ask('flood');
  await settle();
  expect(refused).toHaveLength(39);
  ask('alice');
  ask('bob');
  await settle();
  expect(refused).toHaveLength(41);
  await endAll();
  expect(began.filter((name) => name !== 'flood')).toEqual(['alice', 'bob']);
});

test('a lane that is full of different networks refuses newcomers, and the other lanes do not', async () => {
  const { ask, refused, settle } = givenQueue({ atOnce: 1, waitingMax: 10 });
  for (let i = 0; i < 11; i++) ask(`network ${i}`);
  ask('late');
  ask('other', 'sign-in');
  await settle();
  expect(refused).toEqual(['late']);
});

test('goes on after work that fails', async () => {
  const queue = createFairQueue({ atOnce: 1, waitingMax: 1 }, () => new Error('full'));
  const turn = { lane: 'lane', network: '' };
  const failing = queue.run(turn, () => Promise.reject(new Error('broken')));
  const next = queue.run(turn, () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('done');
  expect(await queue.run(turn, () => Promise.resolve('again'))).toBe('again');
});
