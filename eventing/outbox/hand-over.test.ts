// Events handed over after their commit: marked when the broker took them, left to the relay in every other case.
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { givenEvent, until } from '../testing/given-event.ts';
import { givenOutbox } from '../testing/outbox.ts';
import { givenSubscriber } from '../testing/subscriber.ts';
import { createHandOver, type HandOverSettings } from './hand-over.ts';
import { markHandedOver } from './mark.ts';
import type { OutboxEvent } from './outbox-event.ts';

const outbox = await givenOutbox();
const ids = (events: OutboxEvent[]) => events.map(({ id }) => id).sort();

function givenHandOver(brokerUrl: string | undefined, settings: Partial<HandOverSettings> = {}) {
  const marked: { context: string; ids: readonly string[] }[] = [];
  const handOver = createHandOver({
    brokerUrl,
    mark: async (context, marks) => {
      marked.push({ context, ids: marks });
      await markHandedOver(outbox.pool, marks);
    },
    log: pino({ level: 'silent' }),
    ...settings,
  });
  onTestFinished(() => handOver.close());
  return { ...handOver, marked };
}

test('what the broker takes is marked in the outbox, many in one statement', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  const events = Array.from({ length: 250 }, () => givenEvent());
  await outbox.record(events, { dueInMs: 10_000 });
  const handOver = givenHandOver(broker.url);

  for (const event of events) handOver.push('ledger', event);
  await handOver.drained();
  expect(await outbox.owed()).toEqual([]);
  expect(broker.ids().sort()).toEqual(ids(events));
  expect(handOver.marked.flatMap((mark) => mark.ids)).toHaveLength(250);
  expect(handOver.marked.length).toBeLessThan(50);
  for (const mark of handOver.marked) expect(mark.ids.length).toBeLessThanOrEqual(100);
});

test.each([200, 202, 204, 301, 400, 404, 413, 429, 500, 503])('a broker that answers %i', async (status) => {
  const broker = await givenSubscriber(() => ({ status }));
  const event = givenEvent();
  const handOver = givenHandOver(broker.url);
  handOver.push('users', event);
  await handOver.drained();
  expect(handOver.marked).toEqual(status < 300 ? [{ context: 'users', ids: [event.id] }] : []);
  expect(broker.received).toHaveLength(1);
});

test.each([
  ['is not there', undefined],
  ['closes the connection', () => Promise.reject(new Error('no answer'))],
  ['never answers', () => new Promise<never>(() => {})],
])('a broker that %s leaves the event to the relay', async (_name, answer) => {
  const broker = await givenSubscriber(answer);
  if (!answer) await broker.close();
  const handOver = givenHandOver(broker.url, { timeoutMs: 100 });
  handOver.push('ledger', givenEvent());
  await handOver.drained();
  expect(handOver.marked).toEqual([]);
});

test('an event that can not be sent is left, and the others go', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  const good = givenEvent();
  const handOver = givenHandOver(broker.url);
  handOver.push('ledger', givenEvent('bad', { time: 'infinity' }));
  handOver.push('ledger', good);
  await handOver.drained();
  expect(broker.ids()).toEqual([good.id]);
});

test('no more requests are under way, and no more events wait, than the limits say', async () => {
  let underWay = 0;
  let most = 0;
  const broker = await givenSubscriber(async () => {
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, 5));
    underWay--;
    return { status: 202 };
  });
  const handOver = givenHandOver(broker.url, { concurrencyMax: 4, queueMax: 10 });
  for (let i = 0; i < 100; i++) handOver.push('ledger', givenEvent());
  await handOver.drained();
  expect(most).toBe(4);
  expect(broker.received).toHaveLength(14);
});

test('an event that waited until its row is nearly the relay’s is left to it', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  let now = 0;
  const handOver = givenHandOver(broker.url, { concurrencyMax: 1, now: () => now });
  handOver.push('ledger', givenEvent('first'));
  handOver.push('ledger', givenEvent('second'));
  now = 8_001;
  await handOver.drained();
  expect(broker.ids()).toEqual(['first']);
});

test('a mark that fails costs a second sending, not the process', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  const handOver = givenHandOver(broker.url, { mark: () => Promise.reject(new Error('the database is away')) });
  handOver.push('ledger', givenEvent());
  await handOver.drained();
  expect(broker.received).toHaveLength(1);
});

test('closing finishes what is under way and takes nothing more', async () => {
  const broker = await givenSubscriber(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { status: 202 };
  });
  const handOver = givenHandOver(broker.url);
  handOver.push('ledger', givenEvent('first'));
  await until(() => broker.received.length === 1, 'the first request');
  const closing = handOver.close();
  handOver.push('ledger', givenEvent('second'));
  await closing;
  expect(broker.ids()).toEqual(['first']);
  expect(handOver.marked).toHaveLength(1);
});

test('closing does not wait for a broker that hangs', async () => {
  const broker = await givenSubscriber(() => new Promise<never>(() => {}));
  const handOver = givenHandOver(broker.url, { concurrencyMax: 2, closeTimeoutMs: 50 });
  for (let i = 0; i < 10; i++) handOver.push('ledger', givenEvent());
  await until(() => broker.received.length === 2, 'two requests');
  const started = performance.now();
  await handOver.close();
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(broker.received).toHaveLength(2);
});

test('without a broker nothing is sent and nothing is marked', async () => {
  const handOver = givenHandOver(undefined);
  handOver.push('ledger', givenEvent());
  await handOver.drained();
  expect(handOver.marked).toEqual([]);
});
