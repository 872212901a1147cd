// The broker on a real RabbitMQ as its senders and subscribers see it, while RabbitMQ is well.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { connect } from 'amqplib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { givenAmqpBroker, givenRabbitMq } from '../testing/amqp-broker.ts';
import { givenEvent, until } from '../testing/given-event.ts';
import { givenSubscriber } from '../testing/subscriber.ts';
import { startAmqpBroker } from './amqp.ts';

const rabbit = givenRabbitMq();
const ready = { type: 'com.microbank.transaction.completed' };

async function queued(queue: string): Promise<number> {
  const connection = await connect(rabbit.url);
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  try {
    return (await channel.checkQueue(queue)).messageCount;
  } finally {
    await connection.close();
  }
}

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

describe('a delivery that fails', () => {
  test('is tried again, then goes to the dead-letter sink with the reason', async () => {
    const sink = await givenSubscriber();
    const failing = await givenSubscriber(() => ({ status: 503, body: 'no database' }));
    const broker = await givenAmqpBroker(rabbit, [
      { subscriber: failing.url, deadLetterSink: `${sink.url}/dead`, retry: 2 },
    ]);
    const event = givenEvent();
    expect(await broker.send(event)).toBe(202);
    await until(() => sink.received.length === 1, 'the dead letter');

    expect(failing.ids()).toEqual([event.id, event.id, event.id]);
    expect(sink.received).toMatchObject([
      {
        path: '/dead',
        body: JSON.stringify(event.data),
        headers: {
          'ce-id': event.id,
          'ce-knativeerrordest': `${failing.url}/`,
          'ce-knativeerrorcode': '503',
          'ce-knativeerrordata': 'no%20database',
        },
      },
    ]);
    const buried = broker.log.find(({ msg }) => msg === 'event was given up and is a dead letter');
    expect(buried).toMatchObject({ event_id: event.id, event_type: event.type, trigger: 't0', status: 503 });
    await until(async () => (await queued(`${broker.name}.t0.dead`)) === 0, 'an empty dead-letter queue');
  });

  test('stays in the dead-letter queue while the sink is away, and is not lost', async () => {
    let away = true;
    const sink = await givenSubscriber(() => {
      if (away) throw new Error('the sink is away');
      return { status: 204 };
    });
    const failing = await givenSubscriber(() => ({ status: 500 }));
    const broker = await givenAmqpBroker(rabbit, [{ subscriber: failing.url, deadLetterSink: sink.url }]);
    await broker.send(givenEvent('e1'));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    // About every 200 ms, as the test has set it: no hot loop.
    expect(sink.received.length).toBeGreaterThan(1);
    expect(sink.received.length).toBeLessThan(15);
    expect(failing.received).toHaveLength(1);

    away = false;
    const before = sink.received.length;
    await until(() => sink.received.length > before, 'the dead letter');
    await until(async () => (await queued(`${broker.name}.t0.dead`)) === 0, 'an empty dead-letter queue');
    expect(new Set(sink.ids())).toEqual(new Set(['e1']));
  });
});

test('a message that is no event becomes a dead letter and holds nothing up', async () => {
  const [subscriber, sink] = await Promise.all([givenSubscriber(), givenSubscriber()]);
  const broker = await givenAmqpBroker(rabbit, [
    { subscriber: subscriber.url, deadLetterSink: sink.url, parallelism: 1 },
  ]);
  const connection = await connect(rabbit.url);
  const channel = await connection.createConfirmChannel();
  channel.sendToQueue(`${broker.name}.t0`, Buffer.from('garbage'));
  channel.sendToQueue(`${broker.name}.t0`, Buffer.from('x'), { headers: { cloudEvents_id: 7 } });
  await channel.waitForConfirms();
  await connection.close();
  const event = givenEvent();
  await broker.send(event);

  await until(() => subscriber.received.length === 1 && sink.received.length === 2, 'the event and the dead letters');
  expect(subscriber.ids()).toEqual([event.id]);
  expect(sink.received.map(({ body }) => body).sort()).toEqual(['garbage', 'x']);
  expect(sink.received[0]?.headers).toMatchObject({
    'ce-type': 'com.microbank.message.unreadable',
    'ce-knativeerrordata': expect.stringContaining('no%20event') as string,
  });
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

test('a filter that has changed no longer brings the events of the old one; a trigger that is gone brings none', async () => {
  const subscriber = await givenSubscriber();
  const closing = async (triggers: Parameters<typeof givenAmqpBroker>[1], name?: string) => {
    const broker = await givenAmqpBroker(rabbit, triggers, name === undefined ? {} : { name });
    await broker.close();
    return broker.name;
  };
  const trigger = (type: string) => ({ subscriber: subscriber.url, attributes: { type } });
  const name = await closing([trigger('com.microbank.old'), trigger('com.microbank.gone')]);
  await closing([trigger('com.microbank.old'), trigger('com.microbank.gone')], name); // Again is fine.

  const broker = await givenAmqpBroker(rabbit, [trigger('com.microbank.new')], { name });
  for (const kind of ['old', 'gone', 'new']) await broker.send(givenEvent(kind, { type: `com.microbank.${kind}` }));
  await until(() => subscriber.received.length === 1, 'the delivery');
  expect(subscriber.ids()).toEqual(['new']);
  expect(broker.log.filter(({ msg }) => msg.startsWith('event was taken')).map(({ event_id }) => event_id)).toEqual([
    'old',
    'gone',
  ]);
  await expect(queued(`${name}.t1`)).rejects.toThrow('NOT_FOUND');
});

test('a queue that exists as another type is used as it is', async () => {
  const subscriber = await givenSubscriber();
  const connection = await connect(rabbit.url);
  onTestFinished(() => connection.close());
  const channel = await connection.createChannel();
  await channel.assertQueue('older.t0', { durable: true });
  const broker = await givenAmqpBroker(rabbit, [{ subscriber: subscriber.url }], { name: 'older' });
  await broker.send(givenEvent());
  await until(() => subscriber.received.length === 1, 'the delivery');
  expect(broker.log).toMatchObject([{ queue: 'older.t0' }, { queue: 'older.t0' }]);
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
