// One test for each way in which events meant different things on two sides: what a function takes both brokers take, and nothing else.
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { givenAmqpBroker, givenRabbitMq } from '../testing/amqp-broker.ts';
import { givenBroker, type TriggerToWrite } from '../testing/broker.ts';
import { until } from '../testing/given-event.ts';
import { givenSubscriber } from '../testing/subscriber.ts';
import { openDoors, type Door, type Message } from './testing/doors.ts';

const rabbit = givenRabbitMq();
let doors: Door[];
beforeAll(async () => {
  const opened = await openDoors(rabbit.url);
  doors = opened.doors;
  return opened.close;
}, 120_000);

const context = { specversion: '1.0', id: '1', source: '/s', type: 'com.example.border' };
const json = { 'content-type': 'application/json' };

function binary(changes: Record<string, string | undefined>, headers: Record<string, string> = json): Message {
  const attributes = Object.entries<string | undefined>({ ...context, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [[`ce-${name}`, value] as const],
  );
  return { headers: { ...Object.fromEntries(attributes), ...headers }, body: '{}' };
}
function structured(members: object | string | Buffer, headers: Record<string, string> = {}): Message {
  const isText = typeof members === 'string' || Buffer.isBuffer(members);
  const body = isText ? members : JSON.stringify({ ...context, ...members });
  return { headers: { 'content-type': 'application/cloudevents+json', ...headers }, body };
}
/** The JSON of an event as bytes, with these bytes for its id. */
function withId(...bytes: number[]): Buffer {
  const [before = '', after = ''] = JSON.stringify({ ...context, id: '#' }).split('#');
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
}

async function expectRefused(message: Message, status: 400 | 415): Promise<void> {
  for (const { name, post, isTaken } of doors) {
    const answer = await post(message);
    expect([name, answer.status, isTaken(answer)], answer.body).toEqual([name, status, false]);
  }
}
async function expectTaken(message: Message): Promise<void> {
  for (const { name, post, isTaken } of doors) {
    const answer = await post(message);
    expect([name, isTaken(answer)], answer.body).toEqual([name, true]);
  }
}

describe('ids that differ only in what a decoder would replace are refused, or the second event would be lost', () => {
  test.each<[string, Message]>([
    ['percent-encoded bytes that are no UTF-8', binary({ id: 'q%FF' })],
    ['other such bytes', binary({ id: 'q%FE' })],
    ['an overlong space', binary({ id: 'q%C0%A0' })],
    ['half a surrogate pair, percent-encoded', binary({ id: 'q%ED%A0%80' })],
    ['a byte in a header that is no UTF-8', binary({ id: 'q\u00ff' })],
    ['a percent sign that begins nothing', binary({ id: 'q%' })],
    ['a source that is no UTF-8', binary({ source: '/s%FF' })],
    ['an extension that is no UTF-8', binary({ comexample: '%FF' })],
    ['bytes in JSON that are no UTF-8', structured(withId(0x71, 0xff))],
    ['other such bytes in JSON', structured(withId(0x71, 0xfe))],
    ['half a surrogate pair in bytes', structured(withId(0xed, 0xa0, 0x80))],
    ['the first half of a pair as an escape', structured(withId(...Buffer.from('\\ud800')))],
    ['the second half of a pair as an escape', structured(withId(...Buffer.from('\\udc00')))],
    ['half a pair in a source', structured(JSON.stringify({ ...context, source: '/\ud800' }))],
    ['JSON that names its id twice', structured(`{"id":"2",${JSON.stringify(context).slice(1)}`)],
    [
      'JSON that names a field of its data twice',
      structured(`{"data":{"a":1,"a":2},${JSON.stringify(context).slice(1)}`),
    ],
    ['JSON in another charset', structured({}, { 'content-type': 'application/cloudevents+json; charset=utf-16' })],
  ])('%s', (what, message) => expectRefused(message, what.includes('charset') ? 415 : 400));

  test.each<[string, Message]>([
    ['percent-encoded UTF-8', binary({ id: 'q%C3%BC%F0%9F%98%80' })],
    ['an id in double quotes', binary({ id: '"q 1"' })],
    ['UTF-8 in a header, as Knative sends it', binary({ id: Buffer.from('qü').toString('latin1') })],
    ['a whole pair as an escape', structured(withId(...Buffer.from('\\ud83d\\ude00')))],
    ['a replacement character that was meant', structured({ id: '\ufffd' })],
  ])('but %s is taken', (_what, message) => expectTaken(message));
});

describe('a body that is not as its headers would be without its coding is 415, not an event that nobody can read', () => {
  const zipped = gzipSync('{}');
  const coded = (coding: string, message: Message = binary({})): Message => ({
    headers: { ...message.headers, 'content-encoding': coding },
    body: zipped,
  });
  test.each<[string, Message]>([
    ['gzip', coded('gzip')],
    ['GZIP', coded('GZIP')],
    ['deflate', coded('deflate')],
    ['br', coded('br')],
    ['a coding that nobody knows', coded('rot13')],
    ['two codings', coded('identity, gzip')],
    ['gzip of a structured event', coded('gzip', structured({}))],
    [
      'a compressed transfer',
      { headers: { ...binary({}).headers, 'transfer-encoding': 'gzip, chunked' }, body: zipped },
    ],
  ])('%s', (_what, message) => expectRefused(message, 415));

  test('but identity is taken', () => expectTaken(binary({}, { ...json, 'content-encoding': 'identity' })));
});

describe('Base64 that is none is refused, not read as other bytes (RFC 4648, 3.3)', () => {
  const octets = { datacontenttype: 'application/octet-stream' };
  test.each<[string, string]>([
    ['a character of no alphabet', 'aGVs*bG8h'],
    ['a space', 'aGVs bG8h'],
    ['a line break', 'aGVs\nbG8h'],
    ['padding inside', 'aGU=aGU='],
    ['padding in front', '=aGVsbG8h'],
    ['too much padding', 'aGVsbG8h='],
    ['no padding', 'aGVsbG8'],
    ['the other alphabet', '-_-_'],
    ['bits behind the last byte', 'aGVsbG9='],
    ['one character', 'a'],
  ])('%s', (_what, data_base64) => expectRefused(structured({ ...octets, data_base64 }), 400));
  test.each([['aGVsbG8h'], ['aGVsbG8='], ['+/+/'], ['']])('but %j is taken', (data_base64) =>
    expectTaken(structured({ ...octets, data_base64 })),
  );
});

describe('what a function refuses both brokers refuse at the door', () => {
  const both: [string, Record<string, string>][] = [
    ['30 February', { time: '2026-02-30T10:00:00Z' }],
    ['29 February of a year without', { time: '2100-02-29T10:00:00Z' }],
    ['the 13th month', { time: '2026-13-01T10:00:00Z' }],
    ['the 25th hour', { time: '2026-11-22T24:00:00Z' }],
    ['a 60th second in the middle of a day', { time: '2026-11-22T10:00:60Z' }],
    ['an offset of 24 hours', { time: '2026-11-22T10:00:00+24:00' }],
    ['a time without an offset', { time: '2026-11-22T10:00:00' }],
    ['an empty subject', { subject: '' }],
    ['an empty time', { time: '' }],
    ['an empty id', { id: '' }],
    ['a source with a space', { source: '/a b' }],
    ['a source beyond ASCII', { source: '/zürich' }],
    ['a source with a percent sign that begins nothing', { source: '/a%zz' }],
    ['a source whose first part is no scheme', { source: '1:2' }],
    ['a source with brackets', { source: '/[a]' }],
    ['a source with two fragments', { source: '/a#b#c' }],
    ['a dataschema without a scheme', { dataschema: '/schema' }],
    ['an empty dataschema', { dataschema: '' }],
    ['a line break in an id', { id: 'a\nb' }],
    ['a NUL in an id', { id: 'a\0b' }],
    ['a delete in a subject', { subject: 'a\u007fb' }],
    ['a control character of the second set', { subject: 'a\u0085b' }],
    ['a noncharacter', { subject: 'a\uffffb' }],
    ['a noncharacter of another plane', { subject: 'a\u{1fffe}b' }],
    ['a line break in an extension', { comexample: 'a\r\nb' }],
    ['another specversion', { specversion: '1.1' }],
    ['an id of 256 characters', { id: 'i'.repeat(256) }],
    ['a source of 1,025 characters', { source: '/'.repeat(1_025) }],
    ['a name that AMQP cannot carry', { ['n'.repeat(244)]: '1' }],
    ['an attribute that is called data', { data: '1' }],
    ['more than headers hold', { comexample: 'é'.repeat(1_400) }],
  ];
  test.each(both)('%s', async (_what, changes) => {
    const encoded = Object.entries(changes).map(([name, value]) => [name, encodeURIComponent(value)]);
    await expectRefused(binary(Object.fromEntries(encoded) as Record<string, string>), 400);
    if (changes.data === undefined) await expectRefused(structured(changes), 400);
  });

  test.each<[string, Message]>([
    ['a content type that is none', binary({}, { 'content-type': 'json' })],
    ['a datacontenttype that is none', structured({ datacontenttype: 'json', data: 1 })],
    ['datacontenttype as a header', binary({ datacontenttype: 'application/json' })],
    ['a name in capitals', structured({ Subject: 'a' })],
    ['a name with an underscore', structured({ com_example: 'a' })],
    ['a name that would set a prototype', structured(`{"__proto__":"a",${JSON.stringify(context).slice(1)}`)],
    ['a number with a fraction', structured({ comexample: 1.5 })],
    ['a number of 33 bits', structured({ comexample: 2 ** 31 })],
    ['a number with an exponent', structured(`{"comexample":1e2,${JSON.stringify(context).slice(1)}`)],
    ['an attribute that is an object', structured({ comexample: {} })],
    ['data in two forms', structured({ data: 1, data_base64: 'aGU=' })],
    ['a batch', structured('[]', { 'content-type': 'application/cloudevents-batch+json' })],
    ['another format', structured('<event/>', { 'content-type': 'application/cloudevents+xml' })],
    ['half an event: an id alone', { headers: { 'ce-id': '1', ...json }, body: '{}' }],
  ])('%s', (_what, message) => expectRefused(message, 400));

  test.each<[string, Message]>([
    ['a leap second', binary({ time: '2016-12-31T23:59:60Z' })],
    ['the same leap second elsewhere', binary({ time: '2017-01-01T08:59:60.5+09:00' })],
    ['29 February of a leap year', structured({ time: '2024-02-29T10:00:00.123456789+05:30' })],
    ['an address of IPv6', binary({ source: 'https://user@[::1]:8080/a?b#c' })],
    ['a name as a source', binary({ source: 'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66' })],
    ['a relative source', structured({ source: '../a/b?c=%C3%BC' })],
    ['an empty extension', structured({ comexample: '' })],
    ['whole numbers and booleans', structured({ count: -(2 ** 31), urgent: false, none: null })],
    ['a name of 243 letters', structured({ ['n'.repeat(243)]: 'a' })],
    ['a content type with parameters', binary({}, { 'content-type': 'application/json; charset="utf-8";' })],
    ['the media type without a format', structured({}, { 'content-type': 'application/cloudevents' })],
  ])('but %s is taken', (_what, message) => expectTaken(message));
});

describe.each(['in the process', 'on RabbitMQ'])('with the broker %s', (where) => {
  const open = (triggers: TriggerToWrite[]): Promise<{ url: string }> =>
    where === 'on RabbitMQ' ? givenAmqpBroker(rabbit, triggers) : givenBroker(triggers);

  test.each<[string, Record<string, string>, string]>([
    ['has an attribute whose name AMQP cannot carry', { [`ce-${'n'.repeat(300)}`]: '1' }, '{}'],
    ['has an attribute that is no UTF-8', { 'ce-subject': '%FF' }, '{}'],
    ['has a time that there is not', { 'ce-time': '2026-02-30T10:00:00Z' }, '{}'],
    ['has no type', { 'ce-type': '' }, '{}'],
    ['is compressed', { 'content-encoding': 'gzip' }, '{}'],
    ['is a batch', { 'content-type': 'application/cloudevents-batch+json' }, '[]'],
    ['breaks off', { 'content-type': 'application/cloudevents+json' }, '{"specversion":"1.0"'],
  ])('a reply that %s is a dead letter of its event, at once and once', async (_what, headers, body) => {
    const sink = await givenSubscriber();
    const { headers: valid } = binary({ id: 'reply' });
    const subscriber = await givenSubscriber(() => ({ status: 200, headers: { ...valid, ...headers }, body }));
    const filter = { type: context.type };
    const { url } = await open([
      { subscriber: subscriber.url, deadLetterSink: sink.url, attributes: filter, retry: 0 },
    ]);
    const asked = binary({ id: 'asked' });
    expect((await fetch(url, { method: 'POST', headers: asked.headers, body: '{}' })).status).toBe(202);
    await until(() => sink.received.length === 1, 'the dead letter');
    expect(sink.received[0]?.headers).toMatchObject({
      'ce-id': 'asked',
      'ce-knativeerrorcode': '-1',
      'ce-knativeerrordata': expect.stringContaining('the%20reply%20is%20not%20a%20valid%20event') as unknown,
    });
    // It came back every second.
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect([subscriber.received.length, sink.received.length]).toEqual([1, 1]);
  });

  test('what a sink answers is nobody’s event: a dead letter that it took does not come again', async () => {
    const { headers: valid } = binary({ id: 'reply' });
    const sink = await givenSubscriber(() => ({ status: 200, headers: { ...valid, 'ce-subject': '%FF' }, body: '{}' }));
    const subscriber = await givenSubscriber(() => ({ status: 500, body: 'line 1\nline 2 \u0000' }));
    const filter = { type: context.type };
    const { url } = await open([
      { subscriber: subscriber.url, deadLetterSink: sink.url, attributes: filter, retry: 0 },
    ]);
    const { headers } = binary({ id: 'poison' });
    expect((await fetch(url, { method: 'POST', headers, body: '{}' })).status).toBe(202);
    await until(() => sink.received.length === 1, 'the dead letter');
    // What the subscriber said is an attribute now, and those have no control characters.
    expect(sink.received[0]?.headers).toMatchObject({
      'ce-id': 'poison',
      'ce-type': context.type,
      'ce-knativeerrordata': 'line%201%20line%202%20%20',
    });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(sink.received).toHaveLength(1);
  });
});
