// The broker while its RabbitMQ is stopped, killed, cut off or out of memory: senders are told, and no event is lost.
import { connect } from 'amqplib';
import { expect, test } from 'vitest';
import { givenAmqpBroker, givenRabbitMq, type TestAmqpBroker } from '../testing/amqp-broker.ts';
import { givenEvent, until } from '../testing/given-event.ts';
import { givenSubscriber, type Subscriber } from '../testing/subscriber.ts';

const rabbit = givenRabbitMq();
/** `rabbitmqctl` alone can take 10 s on a busy machine, and some tests call it twice. */
const patient = { timeout: 180_000 };
/** Far less than the 8 s after which a silent RabbitMQ is given up. */
const soonMs = 3_000;

/** Sends until the broker has taken it, as a relay does. */
async function sendUntilTaken(broker: TestAmqpBroker, id: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while ((await broker.send(givenEvent(id))) !== 202) {
    if (Date.now() > deadline) throw new Error(`${id} was not taken within 30 s: ${JSON.stringify(broker.log.at(-1))}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function untilAllDelivered({ ids }: Subscriber, wanted: readonly string[]): Promise<void> {
  const missing = () => wanted.filter((id) => !ids().includes(id));
  await expect.poll(missing, { timeout: 30_000, interval: 20 }).toEqual([]);
}

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

test.each(['stop', 'kill'] as const)(
  'after a RabbitMQ that was ended by %s, everything that was taken is delivered',
  patient,
  async (end) => {
    let slow = true;
    const subscriber = await givenSubscriber(async () => {
      if (slow) await new Promise((resolve) => setTimeout(resolve, 300));
      return { status: 204 };
    });
    const broker = await givenAmqpBroker(rabbit, [{ subscriber: subscriber.url, parallelism: 2 }]);
    const before = numbered('before', 20);
    expect(new Set(await Promise.all(before.map((id) => broker.send(givenEvent(id)))))).toEqual(new Set([202]));
    await until(() => subscriber.received.length >= 2, 'deliveries under way');

    await rabbit[end]();
    const answer = await fetch(broker.url, { method: 'POST', headers: { 'ce-specversion': '1.0' } });
    expect(answer.status).toBe(400); // It is still there, and can tell a bad event.
    const startedAt = performance.now();
    expect(await broker.send(givenEvent('meanwhile'))).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(soonMs);

    slow = false;
    await rabbit.start();
    await sendUntilTaken(broker, 'after');
    await untilAllDelivered(subscriber, [...before, 'after']);
    expect(subscriber.ids()).not.toContain('meanwhile');
  },
);

test('what is published in the moment of a kill is taken or refused, and lost in neither case', patient, async () => {
  const subscriber = await givenSubscriber();
  const broker = await givenAmqpBroker(rabbit, [{ subscriber: subscriber.url, parallelism: 20 }]);
  const ids = numbered('e', 300);
  const taken: string[] = [];
  const sending = Promise.all(
    ids.map(async (id, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * 3));
      if ((await broker.send(givenEvent(id))) === 202) taken.push(id);
    }),
  );
  await until(() => subscriber.received.length > 50, 'deliveries under way');
  await rabbit.kill();
  await sending;
  await rabbit.start();
  expect(taken.length).toBeLessThan(ids.length);
  await untilAllDelivered(subscriber, taken);
});

test('while RabbitMQ is short of memory senders get 503 at once, and deliveries go on', patient, async () => {
  const subscriber = await givenSubscriber();
  const broker = await givenAmqpBroker(rabbit, [{ subscriber: subscriber.url }]);
  await sendUntilTaken(broker, 'before');
  await rabbit.setMemoryAlarm(true);
  await broker.send(givenEvent('first')); // RabbitMQ says that it is short of memory when somebody publishes.
  const startedAt = performance.now();
  const answer = await fetch(broker.url, {
    method: 'POST',
    headers: { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' },
  });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(performance.now() - startedAt).toBeLessThan(soonMs);

  await rabbit.setMemoryAlarm(false);
  await sendUntilTaken(broker, 'after');
  await untilAllDelivered(subscriber, ['before', 'after']);
});

test('a RabbitMQ that says nothing any more hangs nobody', patient, async () => {
  const subscriber = await givenSubscriber();
  const broker = await givenAmqpBroker(rabbit, [{ subscriber: subscriber.url }], { confirmTimeoutMs: 300 });
  await sendUntilTaken(broker, 'before');
  rabbit.freeze();
  const startedAt = performance.now();
  expect(await broker.send(givenEvent('meanwhile'))).toBe(503);
  expect(performance.now() - startedAt).toBeLessThan(soonMs);
  rabbit.thaw();
  await sendUntilTaken(broker, 'after');
  await untilAllDelivered(subscriber, ['before', 'after']);
});

test('a channel that RabbitMQ closes is replaced, and every later event is published', patient, async () => {
  const subscriber = await givenSubscriber();
  const broker = await givenAmqpBroker(rabbit, [{ subscriber: subscriber.url }]);
  await sendUntilTaken(broker, 'before');
  // RabbitMQ ends the channels: of the consumer because its queue is gone, of the publisher because the exchange is.
  const connection = await connect(rabbit.url);
  const channel = await connection.createChannel();
  await channel.deleteExchange(broker.name);
  await channel.deleteQueue(`${broker.name}.t0`);
  await connection.close();
  await broker.send(givenEvent('first'));
  for (let i = 0; i < 5; i++) await sendUntilTaken(broker, `after${i}`);
  await untilAllDelivered(subscriber, numbered('after', 5));
});

test('a delivery whose connection is cut comes again, and not beside itself', patient, async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const subscriber = await givenSubscriber(async () => {
    await held;
    return { status: 204 };
  });
  // A delivery that took too long would be tried again, and look like the one that comes beside itself.
  const triggers = [{ subscriber: subscriber.url, parallelism: 1, timeout: 'PT1M' }];
  const broker = await givenAmqpBroker(rabbit, triggers);
  await broker.send(givenEvent('e1'));
  await until(() => subscriber.received.length === 1, 'the first delivery');
  await rabbit.closeConnections();
  await sendUntilTaken(broker, 'e2');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(subscriber.ids()).toEqual(['e1']);
  release();
  await untilAllDelivered(subscriber, ['e2']);
  expect(subscriber.ids()).toEqual(['e1', 'e1', 'e2']);
});

test('closing finishes what is under way and leaves the rest for the next process', patient, async () => {
  const subscriber = await givenSubscriber(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { status: 204 };
  });
  const triggers = [{ subscriber: subscriber.url, parallelism: 2 }];
  const broker = await givenAmqpBroker(rabbit, triggers);
  const ids = numbered('e', 20);
  await Promise.all(ids.map((id) => broker.send(givenEvent(id))));
  await until(() => subscriber.received.length >= 2, 'deliveries under way');
  await broker.close();
  const delivered = subscriber.received.length;
  expect(delivered).toBeLessThan(ids.length);
  await expect(broker.send(givenEvent())).rejects.toThrow('fetch failed');

  await givenAmqpBroker(rabbit, triggers, { name: broker.name });
  await untilAllDelivered(subscriber, ids);
  // What was under way was finished and acknowledged, so nothing came twice.
  expect(subscriber.ids()).toHaveLength(ids.length);
});

test('closing waits for a delivery that hangs only so long, and the event is not lost', patient, async () => {
  let hanging = true;
  const subscriber = await givenSubscriber(() => (hanging ? new Promise(() => {}) : { status: 204 }));
  const triggers = [{ subscriber: subscriber.url }];
  const broker = await givenAmqpBroker(rabbit, triggers, { closeTimeoutMs: 300 });
  await broker.send(givenEvent('e1'));
  await until(() => subscriber.received.length === 1, 'the delivery');
  const startedAt = performance.now();
  await broker.close();
  expect(performance.now() - startedAt).toBeLessThan(3_000);

  hanging = false;
  await givenAmqpBroker(rabbit, triggers, { name: broker.name });
  await until(() => subscriber.received.length === 2, 'the delivery');
  expect(subscriber.ids()).toEqual(['e1', 'e1']);
});
