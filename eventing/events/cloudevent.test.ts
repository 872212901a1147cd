// One outbox event in the SDK's form, in binary and in structured mode; the SDK reads each back.
import { type CloudEvent, HTTP } from 'cloudevents';
import { expect, test } from 'vitest';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import { toBinaryMessage, toCloudEvent, toStructuredMessage } from './cloudevent.ts';

const event: OutboxEvent = {
  id: '0193511f-7a5e-7000-8000-000000000001',
  type: 'com.microbank.account.closed',
  source: '/microbank/close-account',
  subject: 'accounts/7',
  time: '2026-11-22T10:19:00.123456+00:00',
  data: { account_id: 7, user_id: 1, currency: 'USD', transaction_id: 9, closed_at: '2026-11-22T10:19:00Z' },
  partitionkey: '7',
  sequence: '00000000000000000009',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

test('carries every attribute and extension', () => {
  expect(toCloudEvent(event)).toMatchObject({
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    subject: 'accounts/7',
    time: '2026-11-22T10:19:00.123Z',
    datacontenttype: 'application/json',
    dataschema: 'https://microbank.dev/schemas/com.microbank.account.closed.v1.json',
    partitionkey: '7',
    sequence: '00000000000000000009',
    traceparent: event.traceparent,
    data: event.data,
  });
});

test('binary mode by hand is what the SDK sends', () => {
  const bySdk = HTTP.binary(toCloudEvent(event));
  const byHand = toBinaryMessage(event);
  expect(byHand.body).toBe(bySdk.body);
  expect(byHand.headers).toEqual({ ...bySdk.headers, 'content-type': 'application/json' });
});

test.each([
  ['binary', toBinaryMessage],
  ['structured', toStructuredMessage],
])('the SDK reads the %s message back', (_mode, toMessage) => {
  const read = HTTP.toEvent(toMessage(event)) as CloudEvent<unknown>;
  expect(read.validate()).toBe(true);
  expect(read.toJSON()).toEqual(toCloudEvent(event).toJSON());
});

test('leaves out what is not there', () => {
  const message = toBinaryMessage({ ...event, type: 'com.example.unknown', traceparent: null });
  expect(message.headers).not.toHaveProperty('ce-traceparent');
  expect(message.headers).not.toHaveProperty('ce-dataschema');
});
