// What counts as delivered, how often a delivery is tried, and how long a broker waits in between.
import { expect } from 'vitest';
import type { ToAnswer } from '../subscribers.ts';
import type { Case, Suite } from '../suite.ts';
import { deadLetters } from '../triggers.ts';

/** Knative's SelectiveRetry: every other answer is taken for a yes, and the event is not delivered again. */
const retried = [404, 408, 409, 429, 500, 501, 502, 503, 504];
const taken = [200, 201, 202, 204, 301, 304, 307, 400, 401, 403, 405, 410, 413, 415, 422, 451];

/** The `retry` of the trigger that these cases use, and the first try. */
const triesOfRetried = 3;

export const retryCases: readonly Case[] = [
  ...retried.map((status): Case => [
    `an answer of ${status} is tried again`,
    (suite) => expectRetried(suite, { status }),
  ]),
  ['a connection that ends without an answer is tried again', (suite) => expectRetried(suite, 'close')],
  ...taken.map((status): Case => [`an answer of ${status} counts as delivered`, (suite) => expectTaken(suite, status)]),
  ['a delivery that succeeds at last is no dead letter', expectLateSuccess],
  ['a subscriber that hangs is given up after the timeout, and tried again', expectTimeout],
  ['linear backoff waits longer by the same step each time', expectLinear],
  ['exponential backoff doubles its wait each time', expectExponential],
];

async function expectRetried(suite: Suite, answer: ToAnswer) {
  const event = suite.event('retried');
  const { id } = event.attributes;
  suite.whenDelivered('/retried', id, () => answer);
  const sent = suite.send(event);
  await suite.arrived(deadLetters, id);
  await suite.quiet();
  const tries = suite.deliveries('/retried', id).length;
  if (answer !== 'close' || suite.behaviour('closedConnection') === 'a try like any other')
    expect(tries).toBe(triesOfRetried);
  else expect([tries >= triesOfRetried, tries <= 2 * triesOfRetried]).toEqual([true, true]);
  expect(suite.deliveries(deadLetters, id)).toHaveLength(1);
  expect(await sent).toBe(202);
}

async function expectTaken(suite: Suite, status: number) {
  const event = suite.event('retried');
  const { id } = event.attributes;
  suite.whenDelivered('/retried', id, () => ({ status }));
  const sent = suite.send(event);
  await suite.arrived('/retried', id);
  await suite.quiet();
  expect(suite.deliveries('/retried', id)).toHaveLength(1);
  expect(suite.deliveries(deadLetters, id)).toEqual([]);
  expect(await sent).toBe(202);
}

async function expectLateSuccess(suite: Suite) {
  const event = suite.event('retried');
  const { id } = event.attributes;
  suite.whenDelivered('/retried', id, (count) => ({ status: count < triesOfRetried ? 503 : 204 }));
  const sent = suite.send(event);
  await suite.arrived('/retried', id, triesOfRetried);
  await suite.quiet();
  expect(suite.deliveries('/retried', id)).toHaveLength(triesOfRetried);
  expect(suite.deliveries(deadLetters, id)).toEqual([]);
  expect(await sent).toBe(202);
}

async function expectTimeout(suite: Suite) {
  const event = suite.event('hanging');
  const { id } = event.attributes;
  suite.whenDelivered('/hanging', id, () => new Promise<never>(() => {}));
  const sent = suite.send(event);
  await suite.arrived(deadLetters, id);
  const [gap = 0] = gaps(suite, '/hanging', id);
  expect(suite.deliveries('/hanging', id)).toHaveLength(2);
  // The timeout is 1 s and the backoff 0.1 s; a timer may be a little early.
  expect(gap).toBeGreaterThan(990);
  expect(await sent).toBe(202);
}

async function expectLinear(suite: Suite) {
  const [first, second, third] = await gapsOf(suite, '/linear', 'linear');
  // 0.3 s more each time, from wherever a broker starts. A busy machine makes waits longer, never shorter.
  expect(second).toBeGreaterThan(590);
  expect(third).toBeGreaterThan(890);
  expect(first).toBeGreaterThan(290);
  expect(second).toBeGreaterThan(first);
  expect(third).toBeGreaterThan(second);
  expect(third).toBeLessThan(2 * second + 300);
}

async function expectExponential(suite: Suite) {
  const [first, second, third] = await gapsOf(suite, '/exponential', 'exponential');
  expect(first).toBeGreaterThan(390);
  expect(second).toBeGreaterThan(790);
  expect(third).toBeGreaterThan(1_590);
  expect(second / first).toBeGreaterThan(1.3);
  expect(third / second).toBeGreaterThan(1.3);
}

async function gapsOf(suite: Suite, path: string, type: string): Promise<[number, number, number]> {
  const event = suite.event(type);
  const { id } = event.attributes;
  suite.whenDelivered(path, id, () => ({ status: 500 }));
  const sent = suite.send(event);
  await suite.arrived(deadLetters, id);
  const [first = 0, second = 0, third = 0, ...more] = gaps(suite, path, id);
  expect(more).toEqual([]);
  expect(await sent).toBe(202);
  return [first, second, third];
}

/** Milliseconds between one delivery and the next. */
function gaps(suite: Suite, path: string, id: string): number[] {
  const times = suite.deliveries(path, id).map(({ at }) => at);
  return times.slice(1).map((at, i) => at - (times[i] ?? 0));
}
