// CloudEvents as they come over HTTP, in both content modes, valid and not: one row each.
import { CloudEvent, HTTP } from 'cloudevents';
import { expect, test } from 'vitest';
import { readEvent, writeHeaders } from './carried-event.ts';
import { InvalidEvent } from './invalid-event.ts';

const context = { specversion: '1.0', id: '1', source: '/s', type: 't' };
const binary = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };
const json = 'application/json';
const structured = 'application/cloudevents+json';

type Row = {
  name: string;
  headers: Record<string, string>;
  body: string;
  attributes?: object;
  contentType?: string;
  data?: string;
};

const valid: Row[] = [
  { name: 'binary', headers: { ...binary, 'content-type': json }, body: '{"a":1}', contentType: json, data: '{"a":1}' },
  { name: 'binary without data', headers: binary, body: '', data: '' },
  {
    name: 'binary text',
    headers: { ...binary, 'content-type': 'text/plain' },
    body: 'hé',
    contentType: 'text/plain',
    data: 'hé',
  },
  {
    name: 'binary with extensions',
    headers: { ...binary, 'ce-traceparent': '00-a-b-01', 'ce-subject': 'Z%C3%BCrich%20%E2%82%AC', 'x-other': 'y' },
    body: '',
    attributes: { ...context, traceparent: '00-a-b-01', subject: 'Zürich €' },
    data: '',
  },
  {
    name: 'structured',
    headers: {},
    body: JSON.stringify({ ...context, data: { a: 1 } }),
    contentType: json,
    data: '{"a":1}',
  },
  { name: 'structured without data', headers: {}, body: JSON.stringify(context), data: '' },
  {
    name: 'structured with data 0',
    headers: {},
    body: JSON.stringify({ ...context, data: 0 }),
    contentType: json,
    data: '0',
  },
  {
    name: 'structured with data null',
    headers: {},
    body: JSON.stringify({ ...context, data: null }),
    contentType: json,
    data: 'null',
  },
  {
    name: 'structured with digits that a double loses',
    headers: {},
    body: '{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"amount":10000000000000.001,"huge":1e400}}',
    contentType: json,
    data: '{"amount":10000000000000.001,"huge":1e400}',
  },
  {
    name: 'structured text',
    headers: {},
    body: JSON.stringify({ ...context, datacontenttype: 'text/plain', data: 'hé' }),
    contentType: 'text/plain',
    data: 'hé',
  },
  {
    name: 'structured base64',
    headers: {},
    body: JSON.stringify({ ...context, datacontenttype: 'text/plain', data_base64: 'aMOp' }),
    contentType: 'text/plain',
    data: 'hé',
  },
  {
    name: 'structured with integer, boolean and null extensions',
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    body: JSON.stringify({ ...context, count: 3, urgent: true, subject: null }),
    attributes: { ...context, count: '3', urgent: 'true' },
    data: '',
  },
];

test.each(valid)('takes $name', ({ headers, body, attributes = context, contentType, data }) => {
  const type = 'ce-id' in headers ? {} : { 'content-type': structured };
  const event = readEvent({ ...type, ...headers }, Buffer.from(body));
  expect(event?.attributes).toEqual(attributes);
  expect(event?.contentType).toBe(contentType);
  expect(event?.body.toString()).toBe(data);
});

test.each([
  ['no id', { ...binary, 'ce-id': '' }, '', 'id is missing'],
  ['no source', { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-type': 't' }, '', 'source is missing'],
  ['another specversion', { ...binary, 'ce-specversion': '9.9' }, '', 'specversion'],
  ['a time that is none', { ...binary, 'ce-time': 'yesterday' }, '', 'time'],
  ['an attribute name with a dash', { ...binary, 'ce-trace-parent': 'x' }, '', 'trace-parent'],
  ['a header beyond ASCII', { ...binary, 'ce-subject': 'Z\u00fcrich' }, '', 'ce-subject'],
  ['datacontenttype as a header', { ...binary, 'ce-datacontenttype': json }, '', 'datacontenttype'],
  ['JSON that breaks off', { 'content-type': structured }, '{"specversion":"1.0"', 'JSON'],
  ['a JSON array', { 'content-type': structured }, '[]', 'object'],
  [
    'an attribute that is an object',
    { 'content-type': structured },
    JSON.stringify({ ...context, subject: {} }),
    'subject',
  ],
  [
    'data twice',
    { 'content-type': structured },
    JSON.stringify({ ...context, data: 1, data_base64: 'MQ==' }),
    'data_base64',
  ],
  [
    'attributes that no header has room for',
    { 'content-type': structured },
    JSON.stringify({ ...context, subject: 'é'.repeat(2_000) }),
    '8192',
  ],
  [
    'a content type with a line break',
    { 'content-type': structured },
    JSON.stringify({ ...context, datacontenttype: 'a/b\r\nx: y' }),
    'datacontenttype',
  ],
  ['a content type that no header has room for', { ...binary, 'content-type': `a/${'b'.repeat(8_200)}` }, '', '8192'],
  [
    'a content type of a megabyte',
    { 'content-type': structured },
    JSON.stringify({ ...context, datacontenttype: 'a'.repeat(1_000_000), data: 1 }),
    '8192',
  ],
  [
    'fifty thousand attributes',
    { 'content-type': structured },
    JSON.stringify({ ...context, ...Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`a${i}`, ''])) }),
    '8192',
  ],
  [
    'half a million levels',
    { 'content-type': structured },
    `${JSON.stringify(context).slice(0, -1)},"data":${'['.repeat(500_000)}${']'.repeat(500_000)}}`,
    'JSON',
  ],
  ['a batch', { 'content-type': 'application/cloudevents-batch+json' }, JSON.stringify([context]), 'batch'],
  ['XML', { 'content-type': 'application/cloudevents+xml' }, '<event/>', 'application/cloudevents+xml'],
])('refuses %s', (_name, headers, body, reason) => {
  const read = () => readEvent(headers, Buffer.from(body));
  expect(read).toThrow(InvalidEvent);
  expect(read).toThrow(reason);
});

test('a plain JSON request is no CloudEvent', () => {
  expect(readEvent({ 'content-type': json }, Buffer.from('{}'))).toBeUndefined();
});

test('what the SDK sends comes out for the SDK to read, in either mode', () => {
  const sent = new CloudEvent({
    type: 't',
    source: '/s',
    subject: 'a/1',
    data: { a: [1, null, 'é'] },
    partitionkey: '7',
  });
  for (const { headers, body } of [HTTP.binary(sent), HTTP.structured(sent)]) {
    const event = readEvent(headers, Buffer.from(body as string));
    const read = HTTP.toEvent({ headers: writeHeaders(event!), body: event!.body.toString() }) as CloudEvent<unknown>;
    expect(read.validate()).toBe(true);
    expect({ ...read.toJSON(), datacontenttype: undefined }).toEqual({ ...sent.toJSON(), datacontenttype: undefined });
  }
});
