// What reaches a subscriber, and which subscribers.
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { EventToSend } from '../event-to-send.ts';
import type { Delivered } from '../subscribers.ts';
import type { Case, Suite } from '../suite.ts';

const attributes = {
  subject: 'transactions/2',
  time: '2026-11-22T10:17:00.120Z',
  dataschema: 'https://microbank.dev/schemas/example.v1.json',
  partitionkey: '7',
  sequence: '00000000000000000002',
  comexampleflag: 'true',
};
const contentType = 'application/json';
// Digits that a double loses, and spaces that no serialiser writes.
const body = Buffer.from('{ "amount":10000000000000.001,  "name":"Zürich" }');
/** Twice as long as a JWT of ours for a source and an id of 255 characters. */
const authority = ['a', 'b_-', 'c'].map((part) => part.repeat(900)).join('.');
const nearLimit = 1024 * 1024 - 32 * 1024;

export const deliveryCases: readonly Case[] = [
  [
    'delivers in binary mode with every attribute and extension, the data untouched',
    (suite) => expectWhole(suite, { attributes, contentType, body }, 'binary'),
  ],
  [
    'delivers in binary mode what came in structured mode',
    (suite) => {
      // What the JSON around the data looks like is not part of the data.
      const compact = Buffer.from('{"amount":10000000000000.001,"name":"Zürich"}');
      return expectWhole(suite, { attributes, contentType, body: compact }, 'structured');
    },
  ],
  ...(['binary', 'structured'] as const).map((mode): Case => {
    const carried = { attributes: { ...attributes, authority }, contentType, body: Buffer.from('{"amount":1}') };
    return [`carries the authority of a ${mode} command, to the letter`, (suite) => expectWhole(suite, carried, mode)];
  }),
  ['delivers an event without data', (suite) => expectWhole(suite, { attributes }, 'binary')],
  [
    'delivers bytes that are no text',
    (suite) => expectWhole(suite, { attributes, contentType: 'application/octet-stream', body: randomBytes(999) }),
  ],
  [
    'delivers base64 data of a structured event as bytes',
    (suite) =>
      expectWhole(suite, { attributes, contentType: 'application/octet-stream', body: randomBytes(99) }, 'structured'),
  ],
  [
    'delivers an event of nearly 1 MiB',
    (suite) => expectWhole(suite, { attributes, contentType: 'text/plain', body: randomBytes(nearLimit) }),
  ],
  ['keeps characters beyond ASCII, of a binary event', (suite) => expectNonAscii(suite, 'binary')],
  ['keeps characters beyond ASCII, of a structured event', (suite) => expectNonAscii(suite, 'structured')],
  ['carries the trace of the sender', expectTrace],
  ['delivers to every trigger that matches', expectFanOut],
  [
    'matches types as a whole, to the letter',
    (suite) => expectNoDelivery(suite, ['delivered.more', 'Delivered', 'deliver']),
  ],
  ['matches an extension to the letter', expectExtensionFilter],
  ['takes an event that nobody wants, and delivers it to nobody', (suite) => expectNoDelivery(suite, ['unwanted'])],
  ['delivers again what is sent again', expectDuplicates],
];

async function expectWhole(suite: Suite, changes: Partial<EventToSend>, mode: 'binary' | 'structured' = 'binary') {
  const event = suite.event('delivered', changes);
  const [got] = await sendAndTake(suite, event, mode);

  expect([got?.method, got?.path, got?.headers['content-type']]).toEqual(['POST', '/first', event.contentType]);
  expect(comparable(suite, got?.attributes)).toEqual(comparable(suite, event.attributes));
  // Compared as text, or a failure would print a million numbers.
  expect(got?.body.toString('base64')).toBe((event.body ?? Buffer.alloc(0)).toString('base64'));
}

function comparable(suite: Suite, all: Record<string, string> | undefined): unknown {
  if (all?.time === undefined || suite.behaviour('time') === 'as sent') return all;
  return { ...all, time: Date.parse(all.time) };
}

async function expectNonAscii(suite: Suite, mode: 'binary' | 'structured') {
  const event = suite.event('delivered', { attributes: { subject: 'Zürich 100 % €', comexamplename: 'Łódź "x"' } });
  const [got] = await sendAndTake(suite, event, mode);
  expect(got?.attributes).toMatchObject({ subject: 'Zürich 100 % €', comexamplename: 'Łódź "x"' });
  if (suite.behaviour('nonAscii') === 'percent-encoded' || mode === 'binary')
    expect(got?.headers['ce-subject']).toBe('Z%C3%BCrich%20100%20%25%20%E2%82%AC');
}

async function expectTrace(suite: Suite) {
  const traceId = crypto.randomUUID().replaceAll('-', '');
  const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
  const [got] = await sendAndTake(suite, suite.event('delivered', { attributes: { traceparent } }), 'binary');
  // The header names the span that delivers, so only the trace is the same.
  if (suite.behaviour('traceExtension') === 'kept') {
    expect(got?.attributes.traceparent).toBe(traceparent);
    expect(got?.headers.traceparent).toContain(traceId);
  } else expect(got?.attributes.traceparent).toBeUndefined();
}

async function expectFanOut(suite: Suite) {
  const event = suite.event('delivered');
  const sent = suite.send(event);
  await Promise.all([suite.arrived('/first', event.attributes.id), suite.arrived('/second', event.attributes.id)]);
  await suite.quiet();
  expect(await sent).toBe(202);
  const counts = ['/first', '/second', '/picky'].map((path) => suite.deliveries(path, event.attributes.id).length);
  expect(counts).toEqual([1, 1, 0]);
}

async function expectNoDelivery(suite: Suite, types: readonly string[]) {
  const events = types.map((type) => suite.event(type));
  expect(await Promise.all(events.map((event) => suite.send(event)))).toEqual(types.map(() => 202));
  await suite.quiet();
  for (const {
    attributes: { id },
  } of events)
    expect(suite.deliveries('/first', id)).toEqual([]);
}

async function expectExtensionFilter(suite: Suite) {
  const regions = ['eu', 'EU', 'eu-west', 'us', undefined];
  const events = regions.map((region) => {
    return suite.event('delivered', { attributes: { ...(region !== undefined && { region }) } });
  });
  const sent = Promise.all(events.map((event) => suite.send(event)));
  await Promise.all(events.map((event) => suite.arrived('/first', event.attributes.id)));
  await suite.arrived('/picky', events[0]?.attributes.id ?? '');
  await suite.quiet();
  expect(await sent).toEqual(regions.map(() => 202));
  expect(events.map(({ attributes: { id } }) => suite.deliveries('/picky', id).length)).toEqual([1, 0, 0, 0, 0]);
}

async function expectDuplicates(suite: Suite) {
  const event = suite.event('delivered', { contentType, body });
  expect(await suite.send(event)).toBe(202);
  await suite.arrived('/first', event.attributes.id);
  expect(await suite.send(event)).toBe(202);
  const [first, second] = await suite.arrived('/first', event.attributes.id, 2);
  expect(withoutTime(suite, second)).toEqual(withoutTime(suite, first));
  expect(second?.body).toEqual(first?.body);
}

/** The event was sent without one, and a broker may add it at each delivery. */
function withoutTime(suite: Suite, delivered: Delivered | undefined): unknown {
  if (suite.behaviour('time') === 'as sent') return delivered?.attributes;
  return { ...delivered?.attributes, time: undefined };
}

async function sendAndTake(suite: Suite, event: EventToSend, mode: 'binary' | 'structured'): Promise<Delivered[]> {
  const sent = suite.send(event, mode);
  const got = await suite.arrived('/first', event.attributes.id ?? '');
  expect(await sent).toBe(202);
  return got;
}
