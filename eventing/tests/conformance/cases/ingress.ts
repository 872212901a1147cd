// What a broker answers to those who send events.
import { expect } from 'vitest';
import { type Message, toBinary, toStructured } from '../event-to-send.ts';
import type { Case, Suite } from '../suite.ts';

const structured = { 'content-type': 'application/cloudevents+json' };

/** What is wrong with a message that was valid before. */
type Breaking = (valid: { binary: Message; structured: Message }) => Message;

const invalid: readonly (readonly [string, Breaking])[] = [
  ['a binary event without an id', ({ binary }) => without(binary, 'ce-id')],
  ['a binary event without a source', ({ binary }) => without(binary, 'ce-source')],
  ['a binary event without a type', ({ binary }) => without(binary, 'ce-type')],
  ['a binary event with an empty id', ({ binary }) => withHeader(binary, 'ce-id', '')],
  ['a binary event of specversion 9.9', ({ binary }) => withHeader(binary, 'ce-specversion', '9.9')],
  ['a binary event whose time is none', ({ binary }) => withHeader(binary, 'ce-time', 'yesterday')],
  ['a structured event without an id', ({ structured: message }) => withoutMember(message, 'id')],
  ['a structured event without a source', ({ structured: message }) => withoutMember(message, 'source')],
  ['a structured event without a type', ({ structured: message }) => withoutMember(message, 'type')],
  ['a structured event without a specversion', ({ structured: message }) => withoutMember(message, 'specversion')],
  ['a structured event that breaks off', () => ({ headers: structured, body: Buffer.from('{"specversion":"1.0"') })],
  [
    'a batch of events',
    ({ structured: { body } }) => ({
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: Buffer.from(`[${body.toString()}]`),
    }),
  ],
  ['JSON that is no event', () => ({ headers: { 'content-type': 'application/json' }, body: Buffer.from('{"a":1}') })],
  ['nothing at all', () => ({ headers: {}, body: Buffer.alloc(0) })],
];

export const ingressCases: readonly Case[] = [
  ['takes an event in binary mode', async (suite) => expect(await suite.send(suite.event('unwanted'))).toBe(202)],
  [
    'takes an event in structured mode',
    async (suite) => expect(await suite.send(suite.event('unwanted'), 'structured')).toBe(202),
  ],
  ...invalid.map(([what, breaking]): Case => {
    return [`answers 400 to ${what}`, async (suite) => expect(await sendBroken(suite, breaking)).toBe(400)];
  }),
  [
    'answers 404 on another path',
    async (suite) => {
      const { headers, body } = toBinary(suite.event('first'));
      expect(await statusOf(suite, { method: 'POST', headers, body: new Uint8Array(body) }, '/events')).toBe(404);
    },
  ],
  ...['GET', 'PUT', 'DELETE'].map((method): Case => {
    return [`answers 405 to ${method}`, async (suite) => expect(await statusOf(suite, { method })).toBe(405)];
  }),
];

async function sendBroken(suite: Suite, breaking: Breaking): Promise<number> {
  const event = suite.event('delivered', { contentType: 'application/json', body: Buffer.from('{}') });
  const { headers, body } = breaking({ binary: toBinary(event), structured: toStructured(event) });
  const status = await statusOf(suite, { method: 'POST', headers, body: new Uint8Array(body) });
  expect(suite.deliveries('/first', event.attributes.id)).toEqual([]);
  return status;
}

async function statusOf({ url }: Suite, request: RequestInit, path = ''): Promise<number> {
  const answer = await fetch(path === '' ? url : new URL(path, url), request);
  await answer.arrayBuffer();
  return answer.status;
}

function without({ headers, body }: Message, name: string): Message {
  return { headers: Object.fromEntries(Object.entries(headers).filter(([header]) => header !== name)), body };
}

function withHeader({ headers, body }: Message, name: string, value: string): Message {
  return { headers: { ...headers, [name]: value }, body };
}

function withoutMember({ headers, body }: Message, name: string): Message {
  const members = Object.entries(JSON.parse(body.toString()) as object).filter(([member]) => member !== name);
  return { headers, body: Buffer.from(JSON.stringify(Object.fromEntries(members))) };
}
