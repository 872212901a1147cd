// Dead letters and replies: where an event goes when it is not simply taken, over real HTTP.
import { CloudEvent, HTTP } from 'cloudevents';
import { expect, test } from 'vitest';
import { accountOpened } from '../events/account-opened.ts';
import { toBinaryMessage } from '../events/cloudevent.ts';
import { givenBroker } from '../testing/broker.ts';
import { givenEvent } from '../testing/given-event.ts';
import { givenSubscriber } from '../testing/subscriber.ts';

test('what every try failed to deliver goes to the dead-letter sink, with the reason', async () => {
  const subscriber = await givenSubscriber(() => ({ status: 500, body: 'poison: “é”' }));
  const sink = await givenSubscriber();
  const broker = await givenBroker([{ subscriber: subscriber.url, deadLetterSink: `${sink.url}/dead`, retry: 1 }]);
  const event = givenEvent();

  expect((await broker.send(event)).status).toBe(202);
  const [dead] = sink.received;
  const read = HTTP.toEvent({ headers: dead!.headers, body: dead!.body }) as CloudEvent<unknown>;
  expect(read).toMatchObject({
    id: event.id,
    source: event.source,
    data: event.data,
    knativeerrordest: `${subscriber.url}/`,
  });
  expect(String(read.knativeerrorcode)).toBe('500');
  expect(decodeURIComponent(String(read.knativeerrordata))).toBe('poison: “é”');
});

test('a dead letter is without the authority that a command came with', async () => {
  const subscriber = await givenSubscriber(() => ({ status: 500 }));
  const sink = await givenSubscriber();
  const broker = await givenBroker([{ subscriber: subscriber.url, deadLetterSink: sink.url, retry: 0 }]);
  const { headers, body } = toBinaryMessage(givenEvent());
  await fetch(broker.url, { method: 'POST', headers: { ...headers, 'ce-authority': 'a.b.c' }, body });
  expect(subscriber.received[0]?.headers['ce-authority']).toBe('a.b.c');
  expect(sink.received[0]?.headers).not.toHaveProperty('ce-authority');
});

test('a subscriber that is not there gives a dead letter with code -1', async () => {
  const sink = await givenSubscriber();
  const broker = await givenBroker([{ subscriber: 'http://127.0.0.1:9', deadLetterSink: sink.url, retry: 2 }]);
  expect((await broker.send(givenEvent())).status).toBe(202);
  expect(sink.received[0]?.headers).toMatchObject({
    'ce-knativeerrorcode': '-1',
    'ce-knativeerrordest': 'http://127.0.0.1:9/',
  });
});

test('the sender keeps an event that neither the subscriber nor the dead-letter sink took', async () => {
  const broker = await givenBroker([{ subscriber: 'http://127.0.0.1:9' }]);
  expect((await broker.send(givenEvent())).status).toBe(503);
});

test('one failing subscriber does not keep the event from the others', async () => {
  const good = await givenSubscriber();
  const broker = await givenBroker([{ subscriber: 'http://127.0.0.1:9' }, { subscriber: good.url }]);
  expect((await broker.send(givenEvent())).status).toBe(503);
  expect(good.received).toHaveLength(1);
});

test('a dead letter that comes back to the broker does not go round again', async () => {
  const subscriber = await givenSubscriber();
  const broker = await givenBroker([{ subscriber: subscriber.url }]);
  const { headers, body } = toBinaryMessage(givenEvent());
  const answer = await fetch(broker.url, {
    method: 'POST',
    body,
    headers: { ...headers, 'ce-knativeerrordest': 'http://x/' },
  });
  expect(answer.status).toBe(202);
  expect(subscriber.received).toEqual([]);
});

test.each(['binary', 'structured'] as const)('a reply event in %s mode is published', async (mode) => {
  const reply = new CloudEvent({ type: accountOpened.type, source: '/echo', id: 'r1', data: { a: 1 } });
  const { headers, body } = HTTP[mode](reply);
  const first = await givenSubscriber(() => ({
    status: 200,
    headers: headers,
    body: body as string,
  }));
  const second = await givenSubscriber();
  const broker = await givenBroker([
    { subscriber: first.url },
    { subscriber: second.url, attributes: { type: accountOpened.type } },
  ]);

  expect((await broker.send(givenEvent())).status).toBe(202);
  expect(second.ids()).toEqual(['r1']);
  expect(JSON.parse(second.received[0]!.body)).toEqual({ a: 1 });
});

test('an answer that is no event is not published', async () => {
  const first = await givenSubscriber(() => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"ok":true}',
  }));
  const broker = await givenBroker([{ subscriber: first.url }]);
  expect((await broker.send(givenEvent())).status).toBe(202);
  expect(first.received).toHaveLength(1);
});

test('an endless exchange of replies ends, and is reported as a dead letter', async () => {
  // Answers every event with the same event, on a trigger that lets one through at a time.
  const echo = await givenSubscriber(({ headers, body }) => ({
    status: 200,
    headers: { ...ceHeaders(headers) },
    body,
  }));
  const sink = await givenSubscriber();
  const broker = await givenBroker([{ subscriber: echo.url, deadLetterSink: sink.url, parallelism: 1 }]);
  expect((await broker.send(givenEvent())).status).toBe(202);
  expect(echo.received).toHaveLength(17);
  expect(sink.received).toHaveLength(1);
});

function ceHeaders(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('ce-') || name === 'content-type'),
  ) as Record<string, string>;
}
