// What the in-process broker counts of its triggers, and what waits at them.
import { expect, test } from 'vitest';
import { givenBroker } from '../testing/broker.ts';
import { givenEvent, until } from '../testing/given-event.ts';
import { givenSubscriber } from '../testing/subscriber.ts';

test('counts what was delivered, tried again, refused and given up, each at its trigger', async () => {
  const answers = async (status: (count: number) => number) =>
    (await givenSubscriber((_received, count) => ({ status: status(count) }))).url;
  const broker = await givenBroker([
    { subscriber: await answers(() => 204) },
    { subscriber: await answers((count) => (count < 3 ? 503 : 204)), retry: 5 },
    { subscriber: await answers(() => 400) },
    { subscriber: await answers(() => 500), retry: 2, deadLetterSink: await answers(() => 204) },
    // Its dead letter is nowhere.
    { subscriber: await answers(() => 500) },
  ]);
  expect((await broker.send(givenEvent())).status).toBe(503);
  const none = { delivered: 0, refused: 0, retried: 0, dead_lettered: 0 };
  expect(Object.fromEntries(broker.counts)).toEqual({
    t0: { ...none, delivered: 1 },
    t1: { ...none, retried: 2, delivered: 1 },
    t2: { ...none, refused: 1 },
    t3: { ...none, retried: 2, dead_lettered: 1 },
    t4: none,
  });
});

test('says how many events wait for their turn at a trigger', async () => {
  const release: (() => void)[] = [];
  const slow = await givenSubscriber(async () => {
    await new Promise<void>((resolve) => release.push(resolve));
    return { status: 204 };
  });
  const broker = await givenBroker([{ subscriber: slow.url, parallelism: 2 }]);
  const sent = [1, 2, 3].map(() => broker.send(givenEvent()));
  await until(() => release.length === 2, 'two deliveries');
  await expect.poll(broker.queues).toEqual([{ queue: 't0', messages: 1, consumers: 2 }]);
  release.splice(0).forEach((go) => go());
  await until(() => release.length === 1, 'the third');
  release[0]?.();
  for (const one of sent) expect((await one).status).toBe(202);
  expect(await broker.queues()).toEqual([{ queue: 't0', messages: 0, consumers: 2 }]);
});
