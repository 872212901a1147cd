// The in-process broker as its senders and subscribers see it, over real HTTP.
import { type CloudEvent, HTTP } from 'cloudevents';
import { expect, test } from 'vitest';
import { accountOpened } from '../events/account-opened.ts';
import { toBinaryMessage, toCloudEvent, toStructuredMessage } from '../events/cloudevent.ts';
import { givenBroker } from '../testing/broker.ts';
import { givenEvent, until } from '../testing/given-event.ts';
import { givenSubscriber } from '../testing/subscriber.ts';

test.each([
  ['binary', toBinaryMessage],
  ['structured', toStructuredMessage],
])('an event in %s mode reaches every subscriber whose filter it passes, whole', async (_mode, toMessage) => {
  const [first, second, other, picky] = await Promise.all([
    givenSubscriber(),
    givenSubscriber(),
    givenSubscriber(),
    givenSubscriber(),
  ]);
  const broker = await givenBroker([
    { subscriber: `${first.url}/events` },
    { subscriber: second.url },
    { subscriber: other.url, attributes: { type: accountOpened.type } },
    {
      subscriber: picky.url,
      attributes: { type: 'com.microbank.transaction.completed', source: '/microbank/withdraw' },
    },
  ]);
  const event = givenEvent();

  const answer = await fetch(broker.url, { method: 'POST', ...toMessage(event) });
  expect([answer.status, await answer.text()]).toEqual([202, '']);
  expect([first.ids(), second.ids(), other.ids(), picky.ids()]).toEqual([[event.id], [event.id], [], []]);
  const [got] = first.received;
  expect([got?.method, got?.path, got?.headers.traceparent]).toEqual(['POST', '/events', event.traceparent]);
  const read = HTTP.toEvent({ headers: got!.headers, body: got!.body }) as CloudEvent<unknown>;
  expect(read.toJSON()).toEqual(toCloudEvent(event).toJSON());
});

test('answers 202 only after the subscriber has', async () => {
  let release: (() => void) | undefined;
  const subscriber = await givenSubscriber(async () => {
    await new Promise<void>((resolve) => (release = resolve));
    return { status: 204 };
  });
  const broker = await givenBroker([{ subscriber: subscriber.url }]);
  let answered = false;
  const sending = broker.send(givenEvent()).finally(() => (answered = true));

  await until(() => release !== undefined, 'the delivery');
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(answered).toBe(false);
  release?.();
  expect((await sending).status).toBe(202);
});

test('an event that nobody wants is taken, as a Knative Broker does', async () => {
  const broker = await givenBroker([]);
  expect((await broker.send(givenEvent())).status).toBe(202);
});

test.each([
  ['another path', '/events', { method: 'POST' }, 404],
  ['GET', '/', { method: 'GET' }, 405],
  ['PUT', '/', { method: 'PUT', body: 'x' }, 405],
  ['no CloudEvent', '/', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }, 400],
  [
    'an event without a type',
    '/',
    { method: 'POST', headers: { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s' } },
    400,
  ],
  [
    'a broken structured event',
    '/',
    { method: 'POST', body: '{', headers: { 'content-type': 'application/cloudevents+json' } },
    400,
  ],
  [
    'more than 1 MiB',
    '/',
    { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1), headers: toBinaryMessage(givenEvent()).headers },
    413,
  ],
])('answers %s with its own status', async (_name, path, request, status) => {
  const broker = await givenBroker([]);
  const answer = await fetch(new URL(path, broker.url), request);
  expect(answer.status).toBe(status);
  if (status === 405) expect(answer.headers.get('allow')).toBe('POST');
});

test('with a parallelism of 1 events are delivered in order, one at a time', async () => {
  let underWay = 0;
  const subscriber = await givenSubscriber(async () => {
    expect(++underWay).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    underWay--;
    return { status: 204 };
  });
  const broker = await givenBroker([{ subscriber: subscriber.url, parallelism: 1 }]);
  const sendings: Promise<Response>[] = [];
  for (let i = 0; i < 10; i++) {
    sendings.push(broker.send(givenEvent(`e${i}`)));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect((await Promise.all(sendings)).map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 202));
  expect(subscriber.ids()).toEqual(Array.from({ length: 10 }, (_, i) => `e${i}`));
});

test('a copy that comes while the first is being delivered waits for the same end', async () => {
  const subscriber = await givenSubscriber(async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { status: 204 };
  });
  const broker = await givenBroker([{ subscriber: subscriber.url }]);
  const event = givenEvent();
  const answers = await Promise.all([broker.send(event), broker.send(event)]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  expect(subscriber.received).toHaveLength(1);
  await broker.send(event);
  expect(subscriber.received).toHaveLength(2);
});

test('somebody else’s event with the same source and id answers for none but itself', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const subscriber = await givenSubscriber(async ({ body }) => {
    if (body.includes('forged')) await held;
    return { status: body.includes('forged') ? 500 : 204 };
  });
  const sink = await givenSubscriber();
  const broker = await givenBroker([{ subscriber: subscriber.url, deadLetterSink: sink.url, retry: 0 }]);
  const event = givenEvent();
  const forged = broker.send({ ...event, data: 'forged' });
  await until(() => subscriber.received.length === 1, 'the forged one');
  expect((await broker.send(event)).status).toBe(202);
  expect(subscriber.received.map(({ body }) => body)).toEqual(['"forged"', JSON.stringify(event.data)]);
  release();
  expect((await forged).status).toBe(202);
});

test('closing finishes the try under way and starts no other', async () => {
  const subscriber = await givenSubscriber(async (_received, count) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { status: count === 1 ? 204 : 500 };
  });
  const broker = await givenBroker([{ subscriber: subscriber.url, retry: 5 }], { sleep: () => new Promise(() => {}) });
  const first = broker.send(givenEvent());
  await until(() => subscriber.received.length === 1, 'the first delivery');
  const second = broker.send(givenEvent());
  await until(() => subscriber.received.length === 2, 'the second delivery');

  await broker.close();
  expect([(await first).status, (await second).status]).toEqual([202, 503]);
  expect(subscriber.received).toHaveLength(2);
});
