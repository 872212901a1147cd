// What an outbox owes, counted until every consumer is known to have it.
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { givenConsumer } from '../testing/consumer.ts';
import { givenEvent } from '../testing/given-event.ts';
import { givenOutbox } from '../testing/outbox.ts';
import { reconcile } from './reconcile.ts';
import { readOwed } from './status.ts';
import { sweep } from './sweep.ts';

const outbox = await givenOutbox();
const log = pino({ level: 'silent' });
const { pool } = outbox;

test('counts what is owed, by the age of the oldest', async () => {
  const consumer = await givenConsumer();
  const at = new Date('2026-11-23T12:00:00Z');
  await outbox.record([
    givenEvent(undefined, { time: '2026-11-23T11:59:00.000Z' }),
    givenEvent(undefined, { time: '2026-11-23T11:58:30.000Z' }),
  ]);
  const expected = { owed: 2, oldestAgeSeconds: 90, oldestUnsettled: new Date('2026-11-23T11:58:30.000Z') };
  expect(await readOwed(pool, consumer.consumers, at)).toEqual(expected);
  await sweep({ pool, brokerUrl: consumer.brokerUrl, log });
  expect(await readOwed(pool, consumer.consumers, at)).toEqual(expected);
  await reconcile({ pool, consumers: consumer.consumers, log });
  expect(await readOwed(pool, consumer.consumers, at)).toEqual({
    owed: 0,
    oldestAgeSeconds: 0,
    oldestUnsettled: null,
  });
});
