// What a broker does with the answer of a subscriber.
import { expect } from 'vitest';
import { toBinary, toStructured } from '../event-to-send.ts';
import type { ToAnswer } from '../subscribers.ts';
import type { Case, Suite } from '../suite.ts';
import { deadLetters } from '../triggers.ts';

const contentType = 'application/json';
const body = Buffer.from('{"a":1}');

export const replyCases: readonly Case[] = [
  ['publishes the event that a subscriber answers with in binary mode', (suite) => expectPublished(suite, toBinary)],
  [
    'publishes the event that a subscriber answers with in structured mode',
    (suite) => expectPublished(suite, toStructured),
  ],
  ['publishes nothing for an empty answer', (suite) => expectNothing(suite, { status: 200 })],
  [
    'publishes nothing for an answer that is no event',
    (suite) => expectNothing(suite, { status: 200, headers: { 'content-type': contentType }, body: '{"ok":true}' }),
  ],
];

async function expectPublished(suite: Suite, toMessage: typeof toBinary) {
  const [question, answer] = [suite.event('asked'), suite.event('answered', { contentType, body })];
  suite.whenDelivered('/asked', question.attributes.id, () => ({ status: 200, ...toMessage(answer) }));
  const sent = suite.send(question);
  const [got] = await suite.arrived('/answered', answer.attributes.id);
  expect(got?.attributes).toMatchObject(answer.attributes);
  expect(got?.body.toString()).toBe(body.toString());
  await suite.quiet();
  expect(suite.deliveries('/answered', answer.attributes.id)).toHaveLength(1);
  expect(suite.deliveries('/asked', question.attributes.id)).toHaveLength(1);
  expect(await sent).toBe(202);
}

async function expectNothing(suite: Suite, answer: ToAnswer) {
  const question = suite.event('asked');
  const { id } = question.attributes;
  suite.whenDelivered('/asked', id, () => answer);
  const sent = suite.send(question);
  await suite.arrived('/asked', id);
  await suite.quiet();
  const counts = ['/asked', '/answered', deadLetters].map((path) => suite.deliveries(path, id).length);
  expect(counts).toEqual([1, 0, 0]);
  expect(await sent).toBe(202);
}
