// The broker on a real RabbitMQ as its senders and subscribers see it, while RabbitMQ is well.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { givenAmqpBroker, givenRabbitMq } from '../testing/amqp-broker.ts';
import { givenEvent, until } from '../testing/given-event.ts';
import { givenSubscriber } from '../testing/subscriber.ts';
import { startAmqpBroker } from './amqp.ts';

const rabbit = givenRabbitMq();
const ready = { type: 'com.microbank.transaction.completed' };

function attributesOf(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('ce-')));
}

test('an event goes to every trigger whose whole filter it passes, and to no other', async () => {
  const [one, both, none] = await Promise.all([givenSubscriber(), givenSubscriber(), givenSubscriber()]);
  const broker = await givenAmqpBroker(rabbit, [
    { subscriber: `${one.url}/events` },
    { subscriber: both.url, attributes: { ...ready, source: '/microbank/deposit' } },
    { subscriber: none.url, attributes: { ...ready, source: '/microbank/withdraw' } },
  ]);
  const event = givenEvent(undefined, { data: { grüße: '✓', amount: 0.1 } });
  expect(await broker.send(event)).toBe(202);
  await until(() => one.received.length + both.received.length === 2, 'both deliveries');

  const [got] = one.received;
  expect([got?.method, got?.path, got?.headers.traceparent]).toEqual(['POST', '/events', event.traceparent]);
  expect(got?.headers).toMatchObject({
    'content-type': 'application/json',
    'ce-id': event.id,
    'ce-source': event.source,
    'ce-type': event.type,
    'ce-time': event.time,
    'ce-sequence': event.sequence,
  });
  expect(JSON.parse(got!.body)).toEqual(event.data);
  expect([both.ids(), none.ids()]).toEqual([[event.id], []]);
  expect(broker.queueType).toBe('quorum');
});

test('an event that nobody wants is taken, and logged once for its type', async () => {
  const broker = await givenAmqpBroker(rabbit, []);
  expect([await broker.send(givenEvent('e1')), await broker.send(givenEvent('e2'))]).toEqual([202, 202]);
  expect(broker.log).toMatchObject([
    { event_id: 'e1', event_type: ready.type, msg: 'event was taken, but no trigger wants its type' },
  ]);
});

test.each([
  ['no CloudEvent', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }, 400],
  ['GET', { method: 'GET' }, 405],
])('answers %s with its own status', async (_name, request, status) => {
  const broker = await givenAmqpBroker(rabbit, []);
  expect((await fetch(broker.url, request)).status).toBe(status);
});

test('a reply is an event like any other, and is delivered before the first is settled', async () => {
  const second = await givenSubscriber();
  const first = await givenSubscriber(({ headers }) => ({
    status: 200,
    headers: { ...attributesOf(headers), 'ce-id': 'reply', 'ce-type': 'com.microbank.replied' },
    body: '{"answer":42}',
  }));
  const broker = await givenAmqpBroker(rabbit, [
    { subscriber: first.url },
    { subscriber: second.url, attributes: { type: 'com.microbank.replied' } },
  ]);
  await broker.send(givenEvent());
  await until(() => second.received.length === 1, 'the reply');
  expect(second.received).toMatchObject([{ headers: { 'ce-id': 'reply' }, body: '{"answer":42}' }]);
});

test('replies that go round in a circle end as a dead letter', async () => {
  const sink = await givenSubscriber();
  const echo = await givenSubscriber(({ headers, body }) => ({
    status: 200,
    headers: attributesOf(headers),
    body,
  }));
  const broker = await givenAmqpBroker(rabbit, [{ subscriber: echo.url, deadLetterSink: sink.url }]);
  await broker.send(givenEvent());
  await until(() => sink.received.length === 1, 'the dead letter');
  expect(echo.received).toHaveLength(17);
});

test('with a parallelism of 1 events are delivered in order, one at a time, by whichever process', async () => {
  let underWay = 0;
  const subscriber = await givenSubscriber(async () => {
    expect(++underWay).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    underWay--;
    return { status: 204 };
  });
  const triggers = [{ subscriber: subscriber.url, parallelism: 1 }];
  const broker = await givenAmqpBroker(rabbit, triggers);
  const other = await givenAmqpBroker(rabbit, triggers, { name: broker.name });
  for (let i = 0; i < 30; i++) await (i % 2 ? broker : other).send(givenEvent(`e${i}`));
  await until(() => subscriber.received.length === 30, 'all deliveries');
  expect(subscriber.ids()).toEqual(Array.from({ length: 30 }, (_, i) => `e${i}`));
});

test('two processes on the same queues share the work', async () => {
  const seen = [new Set<unknown>(), new Set<unknown>()];
  const triggersOf = async (who: number) => {
    const subscriber = await givenSubscriber(async ({ headers }) => {
      seen[who]?.add(headers['ce-id']);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { status: 204 };
    });
    return [{ subscriber: subscriber.url, parallelism: 2 }];
  };
  const broker = await givenAmqpBroker(rabbit, await triggersOf(0));
  await givenAmqpBroker(rabbit, await triggersOf(1), { name: broker.name });
  await Promise.all(Array.from({ length: 40 }, (_, i) => broker.send(givenEvent(`e${i}`))));
  await until(() => seen[0]!.size + seen[1]!.size === 40, 'all deliveries');
  expect(Math.min(seen[0]!.size, seen[1]!.size)).toBeGreaterThan(5);
});

test.each([
  ['nobody listens', 'amqp://bank:s3cret@127.0.0.1:9', /^RabbitMQ on 127\.0\.0\.1:9 can't be used \(.*ECONNREFUSED/],
  ['the password is wrong', undefined, /ACCESS.REFUSED/],
])('says why and where when %s, and never the password', async (_name, url, reason) => {
  const wrong = new URL(rabbit.url);
  wrong.password = 's3cret';
  const starting = givenAmqpBroker({ url: url ?? wrong.href }, [], { readyTimeoutMs: 500 });
  await expect(starting).rejects.toThrow(reason);
  await expect(starting).rejects.not.toThrow('s3cret');
});

test('refuses an address that is none without showing it', async () => {
  const settings = { triggersFolder: '/nowhere', resolveSubscriber: () => '', log: undefined as never };
  await expect(startAmqpBroker({ ...settings, url: 'http://a:s3cret@host' })).rejects.toThrow(
    /^the address of RabbitMQ is not an amqp:\/\/ or amqps:\/\/ address$/,
  );
});
