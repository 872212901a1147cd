// Dead letters that would be dear to read, or impossible to write again: each is kept, none is refused.
import { expect, test } from 'vitest';
import { anyEventBytesMax, readAnyEvent } from './any-event.ts';

const structured = { 'content-type': 'application/cloudevents+json' };
const write = (member: string) => `{"specversion":"1.0","id":"1","source":"/s","type":"t",${member}}`;
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

test.each([
  ['data', `"data":${nested(500_000)}`],
  ['an attribute', `"x":${nested(500_000)}`],
  ['what is no JSON', `"data":${'['.repeat(1_000_000)}`],
])('half a million levels of %s are kept as the bytes they are', (_what, member) => {
  const sent = Buffer.from(write(member));
  const event = readAnyEvent(structured, sent);
  expect(sent.length).toBeLessThan(anyEventBytesMax);
  expect(event.id).toMatch(/^without id: [0-9a-f]{64}$/);
  expect(event.raw?.body.equals(sent)).toBe(true);
});

test('as many levels as anybody means leave the event what it is', () => {
  const event = readAnyEvent(structured, Buffer.from(write(`"data":${nested(900)}`)));
  expect([event.id, event.raw?.body.toString()]).toEqual(['1', nested(900)]);
});
