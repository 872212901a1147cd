// What becomes of a delivery, by what the subscriber answers: one row per class of answer.
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { givenSubscriber } from '../testing/subscriber.ts';
import { givenBroker } from '../testing/broker.ts';
import { givenEvent } from '../testing/given-event.ts';
import { createPoster } from '../post-event.ts';
import { backoffMs, deliver } from './delivery.ts';

test.each([
  [200, 'taken'],
  [202, 'taken'],
  [204, 'taken'],
  [301, 'taken'],
  [400, 'taken'],
  [401, 'taken'],
  [404, 'retried'],
  [405, 'taken'],
  [408, 'retried'],
  [409, 'retried'],
  [413, 'taken'],
  [422, 'taken'],
  [429, 'retried'],
  [500, 'retried'],
  [501, 'retried'],
  [503, 'retried'],
  [504, 'retried'],
])('an answer of %i counts as %s', async (status, verdict) => {
  const subscriber = await givenSubscriber(() => ({ status }));
  const sink = await givenSubscriber();
  const broker = await givenBroker([{ subscriber: subscriber.url, deadLetterSink: sink.url, retry: 2 }]);

  expect((await broker.send(givenEvent())).status).toBe(202);
  expect(subscriber.received).toHaveLength(verdict === 'taken' ? 1 : 3);
  expect(sink.received).toHaveLength(verdict === 'taken' ? 0 : 1);
});

test('a subscriber that answers at the third try has the event once, and no dead letter is sent', async () => {
  const subscriber = await givenSubscriber((_received, count) => ({ status: count < 3 ? 503 : 204 }));
  const sink = await givenSubscriber();
  const broker = await givenBroker([{ subscriber: subscriber.url, deadLetterSink: sink.url, retry: 5 }]);

  expect((await broker.send(givenEvent())).status).toBe(202);
  expect(subscriber.received).toHaveLength(3);
  expect(broker.sleeps).toEqual([1_000, 2_000]);
  expect(sink.received).toEqual([]);
});

test.each([
  ['exponential', [1_000, 2_000, 4_000, 8_000, 16_000]],
  ['linear', [500, 1_000, 1_500, 2_000, 2_500]],
] as const)('%s backoff waits longer each time', async (backoffPolicy, waits) => {
  const subscriber = await givenSubscriber(() => ({ status: 500 }));
  const sink = await givenSubscriber();
  const broker = await givenBroker([{ subscriber: subscriber.url, deadLetterSink: sink.url, retry: 5, backoffPolicy }]);

  await broker.send(givenEvent());
  expect(broker.sleeps).toEqual(waits);
});

test('no wait is longer than five minutes', () => {
  expect(backoffMs({ retry: 99, backoffPolicy: 'exponential', backoffDelayMs: 1_000, timeoutMs: 1 }, 60)).toBe(300_000);
});

test.each([
  ['closes the connection', () => Promise.reject(new Error('no answer')), 'socket hang up'],
  ['answers too late', () => new Promise<never>(() => {}), 'no answer within 50 ms'],
  ['answers more than an event may have', () => ({ status: 200, body: 'x'.repeat(1_100_000) }), 'exceeds'],
])('a subscriber that %s has not answered', async (_name, answer, reason) => {
  const subscriber = await givenSubscriber(answer);
  const delivery = { retry: 0, backoffPolicy: 'linear', backoffDelayMs: 0, timeoutMs: 50 } as const;
  const poster = createPoster(1);
  const dispatch = {
    poster,
    log: pino({ level: 'silent' }),
    sleep: async () => {},
    signal: new AbortController().signal,
  };
  const event = {
    attributes: { specversion: '1.0', id: '1', source: '/s', type: 't' },
    contentType: undefined,
    body: Buffer.from(''),
  };

  const delivered = await deliver(event, new URL(subscriber.url), delivery, dispatch);
  poster.close();
  expect(delivered).toMatchObject({ done: false, status: -1, stopped: false });
  expect(delivered).toHaveProperty('reason', expect.stringContaining(reason));
});

test('a connection that was kept alive and is closed under a request is no failed try', async () => {
  const subscriber = await givenSubscriber((_received, count) => {
    if (count === 2) throw new Error('the keep-alive time is up');
    return { status: 204 };
  });
  const poster = createPoster(1);
  await poster.post(new URL(subscriber.url), {}, 'first', 1_000);
  expect(await poster.post(new URL(subscriber.url), {}, 'second', 1_000)).toMatchObject({ status: 204 });
  poster.close();
  expect(subscriber.received.map(({ body }) => body)).toEqual(['first', 'second', 'second']);
});
