// What becomes of an event that a subscriber never took.
import { expect } from 'vitest';
import type { Delivered } from '../subscribers.ts';
import type { Case, Suite } from '../suite.ts';
import { deadLetters } from '../triggers.ts';

const contentType = 'application/json';
const body = Buffer.from('{"amount": 12.50}');
const attributes = { subject: 'transactions/2', partitionkey: '7', sequence: '00000000000000000002', comexample: 'ü' };

export const deadLetterCases: readonly Case[] = [
  ['a dead letter is the event as it was, with the reason', expectReason],
  ['a dead letter of a subscriber that is not there has the code -1', expectNowhere],
  ['a dead letter that its sink does not take at first is tried again', expectSinkRetried],
  ['a dead letter that comes back to the broker is delivered to nobody, or like any event', expectNoRound],
];

async function expectReason(suite: Suite) {
  const event = suite.event('retried', { attributes, contentType, body });
  const { id } = event.attributes;
  suite.whenDelivered('/retried', id, () => ({ status: 500, body: 'poison: “é”' }));
  const sent = suite.send(event);
  const [dead] = await suite.arrived(deadLetters, id);

  const { knativeerrordest, knativeerrorcode, knativeerrordata, ...original } = dead?.attributes ?? {};
  // Brokers add a time to an event that has none.
  if (suite.behaviour('time') !== 'as sent') delete original.time;
  expect(original).toEqual(event.attributes);
  expect([dead?.body.toString(), dead?.headers['content-type']]).toEqual([body.toString(), contentType]);
  expect(new URL(knativeerrordest ?? '').href).toBe(suite.addressOf('/retried'));
  expect(knativeerrorcode).toBe('500');
  expect(knativeerrordata).toBe(suite.behaviour('errorData') === 'left out' ? undefined : 'poison: “é”');
  expect(await sent).toBe(202);
}

async function expectNowhere(suite: Suite) {
  const event = suite.event('nowhere');
  const sent = suite.send(event);
  const [dead] = await suite.arrived(deadLetters, event.attributes.id);
  expect(dead?.attributes.knativeerrorcode).toBe('-1');
  expect(new URL(dead?.attributes.knativeerrordest ?? '').href).toBe(suite.nowhere);
  expect(await sent).toBe(202);
}

async function expectSinkRetried(suite: Suite) {
  const event = suite.event('retried', { contentType, body });
  const { id } = event.attributes;
  suite.whenDelivered('/retried', id, () => ({ status: 503 }));
  suite.whenDelivered(deadLetters, id, (count) => ({ status: count === 1 ? 503 : 204 }));
  const sent = suite.send(event);
  const [first, second] = await suite.arrived(deadLetters, id, 2);
  await suite.quiet();
  expect(suite.deliveries(deadLetters, id)).toHaveLength(2);
  expect(contentOf(second)).toEqual(contentOf(first));
  expect(await sent).toBe(202);
}

async function expectNoRound(suite: Suite) {
  const event = suite.event('delivered', { attributes: { knativeerrordest: 'http://example.com/' } });
  const deliveries = suite.behaviour('returnedDeadLetter') === 'delivered' ? 1 : 0;
  expect(await suite.send(event)).toBe(202);
  await suite.arrived('/first', event.attributes.id, deliveries);
  await suite.quiet();
  expect(suite.deliveries('/first', event.attributes.id)).toHaveLength(deliveries);
}

function contentOf(delivered: Delivered | undefined): unknown {
  return [delivered?.attributes, delivered?.body.toString()];
}
