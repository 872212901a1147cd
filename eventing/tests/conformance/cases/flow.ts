// Order, and who waits for whom.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Case, Suite } from '../suite.ts';
import { deadLetters } from '../triggers.ts';

export const flowCases: readonly Case[] = [
  ['with a parallelism of 1 events come one at a time, in order, also when one is tried again', expectOrder],
  ['with more, a slow delivery does not keep the next from starting', expectParallel],
  ['a slow subscriber does not hold up those of other triggers', expectIndependent],
];

async function expectOrder(suite: Suite) {
  let underWay = 0;
  const events = Array.from({ length: 8 }, () => suite.event('ordered'));
  const sent: Promise<number>[] = [];
  for (const [i, event] of events.entries()) {
    suite.whenDelivered('/ordered', event.attributes.id, async (count) => {
      expect(++underWay).toBe(1);
      await sleep(10);
      underWay--;
      return { status: i === 2 && count === 1 ? 503 : 204 };
    });
    const sending = suite.send(event);
    sent.push(sending);
    // Of two requests under way at once nobody knows the order; a broker that answers after the delivery gets a moment instead.
    const isAtOnce = suite.behaviour('accepted') !== 'after every subscriber answered';
    await (isAtOnce ? sending : sleep(10));
  }
  for (const event of events) await suite.arrived('/ordered', event.attributes.id);
  expect(await Promise.all(sent)).toEqual(events.map(() => 202));
  const ids = events.map(({ attributes }) => attributes.id);
  expect(suite.ids('/ordered')).toEqual(ids.flatMap((id, i) => (i === 2 ? [id, id] : [id])));
  for (const id of ids) expect(suite.deliveries(deadLetters, id)).toEqual([]);
}

async function expectParallel(suite: Suite) {
  const events = Array.from({ length: 5 }, () => suite.event('delivered'));
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  for (const { attributes } of events) {
    suite.whenDelivered('/first', attributes.id, async () => {
      await released;
      return { status: 204 };
    });
  }
  const sent = events.map((event) => suite.send(event));
  try {
    for (const { attributes } of events) await suite.arrived('/first', attributes.id);
  } finally {
    release();
  }
  expect(await Promise.all(sent)).toEqual(events.map(() => 202));
}

async function expectIndependent(suite: Suite) {
  const events = Array.from({ length: 3 }, () => suite.event('shared'));
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  for (const { attributes } of events) {
    suite.whenDelivered('/slow', attributes.id, async () => {
      await released;
      return { status: 204 };
    });
  }
  const sent = events.map((event) => suite.send(event));
  try {
    for (const { attributes } of events) await suite.arrived('/quick', attributes.id);
    await suite.arrived('/slow', events[0]?.attributes.id ?? '');
  } finally {
    release();
  }
  expect(await Promise.all(sent)).toEqual(events.map(() => 202));
}
