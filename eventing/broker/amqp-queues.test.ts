// What the broker has in RabbitMQ: dead letters until somebody takes them, and queues that outlive their triggers and filters.
import { connect } from 'amqplib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { givenAmqpBroker, givenRabbitMq } from '../testing/amqp-broker.ts';
import { givenEvent, until } from '../testing/given-event.ts';
import { givenSubscriber } from '../testing/subscriber.ts';

const rabbit = givenRabbitMq();

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

test('a queue that RabbitMQ lets nobody read is seen to have no consumers', { timeout: 60_000 }, async () => {
  const subscriber = await givenSubscriber();
  const broker = await givenAmqpBroker(rabbit, [{ subscriber: subscriber.url }]);
  const consumers = async () => (await broker.queues()).map(({ consumers: count }) => count);
  const patience = { timeout: 20_000, interval: 200 };
  await expect.poll(consumers, patience).toEqual([1, 1]);

  const mayRead = (queues: string) => rabbit.control('set_permissions', 'bank', '.*', '.*', queues);
  onTestFinished(() => mayRead('.*').then(() => undefined));
  await mayRead(`^(?!${broker.name}\\.t0$)`);
  await rabbit.closeConnections();
  await expect.poll(consumers, patience).toEqual([0, 0]);
  await broker.send(givenEvent());
  await expect.poll(async () => (await broker.queues())[0], patience).toMatchObject({ messages: 1, consumers: 0 });
  expect(broker.log.map(({ reason }) => reason)).toContainEqual(expect.stringContaining('ACCESS_REFUSED'));

  await mayRead('.*');
  await expect.poll(consumers, patience).toEqual([1, 1]);
  await until(() => subscriber.received.length === 1, 'the event that waited');
});
