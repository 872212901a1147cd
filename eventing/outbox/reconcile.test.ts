// Reconciliation on real Postgres: what every consumer has is settled, what a broker lost comes again, nothing else does.
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { userRegistered } from '../events/user-registered.ts';
import { givenConsumer, type TestConsumer } from '../testing/consumer.ts';
import { givenEvent } from '../testing/given-event.ts';
import { givenOutbox } from '../testing/outbox.ts';
import type { Consumers } from './consumers.ts';
import { markHandedOver } from './mark.ts';
import { receipts } from './questions.ts';
import { reconcile, type ReconcileSettings } from './reconcile.ts';
import { readOwed } from './status.ts';
import { sweep } from './sweep.ts';

const outbox = await givenOutbox();
const log = pino({ level: 'silent' });
const { pool } = outbox;

const runReconcile = ({ consumers }: Pick<TestConsumer, 'consumers'>, settings: Partial<ReconcileSettings> = {}) =>
  reconcile({ pool, consumers, log, ...settings });
const runSweep = ({ brokerUrl }: TestConsumer) => sweep({ pool, brokerUrl, log });

/** Recorded, handed over to the broker, and due to be asked for. */
async function givenHandedOver(consumer: TestConsumer, count: number): Promise<string[]> {
  const events = Array.from({ length: count }, () => givenEvent());
  await outbox.record(events);
  await runSweep(consumer);
  await outbox.makeDue();
  return events.map(({ id }) => id).sort();
}

test('what the consumer has is settled at once, also before it could count as lost', async () => {
  const consumer = await givenConsumer();
  const event = givenEvent();
  await outbox.record([event]);
  await runSweep(consumer);

  expect(await runReconcile(consumer)).toEqual({ asked: 1, settled: 1, lost: 0, unanswered: 0, more: false });
  expect(await outbox.settled()).toEqual([event.id]);
  expect(consumer.questions).toEqual([
    { type: receipts.requested, data: { events: [{ source: event.source, id: event.id }] } },
  ]);
  expect(await runReconcile(consumer)).toMatchObject({ asked: 0 });
});

test('an event that the broker lost after its 202 is sent again until the consumer has it', async () => {
  const consumer = await givenConsumer();
  consumer.setDelivers(() => false);
  const [id] = await givenHandedOver(consumer, 1);

  expect(await runReconcile(consumer)).toMatchObject({ lost: 1, settled: 0 });
  expect(await outbox.owed()).toEqual([id]);
  consumer.setDelivers(() => true);
  expect(await runSweep(consumer)).toMatchObject({ handedOver: 1 });
  expect(await runReconcile(consumer)).toMatchObject({ settled: 1, lost: 0 });
  expect(consumer.deliveries).toEqual(new Map([[id, 1]]));
});

test('an event under way is left alone, and each loss doubles the patience', async () => {
  const consumer = await givenConsumer();
  consumer.setDelivers(() => false);
  await outbox.record([givenEvent()]);
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    await runSweep(consumer);
    expect(await runReconcile(consumer)).toMatchObject({ asked: 1, lost: 0, settled: 0 });
    waits.push(await secondsUntilDue());
    await outbox.makeDue();
    expect(await runReconcile(consumer)).toMatchObject({ lost: 1 });
  }
  expect(waits).toEqual([60, 120, 240, 480, 600, 600]);
});

test('an event that was handed over by the process that wrote it counts as lost after 30 s', async () => {
  const event = givenEvent();
  await outbox.record([event]);
  await markHandedOver(pool, [event.id]);
  expect(await secondsUntilDue()).toBe(30);
});

test('of many events only the lost ones come again', async () => {
  const consumer = await givenConsumer();
  let count = 0;
  consumer.setDelivers(() => ++count % 100 !== 0);
  const ids = await givenHandedOver(consumer, 1_200);

  expect(await runReconcile(consumer)).toEqual({ asked: 1_200, settled: 1_188, lost: 12, unanswered: 0, more: false });
  consumer.setDelivers(() => true);
  await runSweep(consumer);
  await runReconcile(consumer);
  expect(await outbox.settled()).toEqual(ids);
  expect([...consumer.deliveries.values()]).toEqual(Array(1_200).fill(1));
  for (const { data } of consumer.questions)
    expect((data as { events: unknown[] }).events.length).toBeLessThanOrEqual(500);
});

test('an event that nobody consumes is settled without a question and is owed to nobody', async () => {
  const consumer = await givenConsumer();
  const { type, example: data } = userRegistered;
  await outbox.record([givenEvent(undefined, { type, data })]);
  expect(await readOwed(pool, consumer.consumers)).toMatchObject({ owed: 0, oldestAgeSeconds: 0 });
  await runSweep(consumer);
  expect(await runReconcile(consumer)).toMatchObject({ settled: 1 });
  expect(consumer.questions).toEqual([]);
});

test.each([
  ['answers 500', () => ({ status: 500 })],
  ['closes the connection', () => Promise.reject(new Error('no answer'))],
  ['hangs', () => new Promise<never>(() => {})],
  ['answers something else', () => ({ status: 200, body: '{"type":"com.microbank.receipts.given","data":{}}' })],
  ['answers nothing', () => ({ status: 204 })],
])('a consumer that %s leaves its events as they are', async (_what, answer) => {
  const consumer = await givenConsumer();
  const ids = await givenHandedOver(consumer, 3);
  consumer.setAnswer(answer);
  expect(await runReconcile(consumer, { questionTimeoutMs: 100 })).toMatchObject({
    settled: 0,
    lost: 0,
    unanswered: 3,
  });
  expect(await outbox.unsettled()).toEqual(ids);

  consumer.setAnswer(undefined);
  expect(await runReconcile(consumer)).toMatchObject({ settled: 3 });
});

test('a consumer that gives no answer is asked once in a pass, and holds up no other', async () => {
  const [good, bad] = [await givenConsumer(), await givenConsumer()];
  let askedBad = 0;
  bad.setAnswer(() => {
    askedBad++;
    return { status: 500 };
  });
  await givenHandedOver(good, 700);
  // The events of the consumer that fails fill the first page, and more.
  await outbox.admin.query(
    `UPDATE outbox SET subject = 'bad', next_attempt_at = next_attempt_at - interval '1 h'
     WHERE id IN (SELECT id FROM outbox LIMIT 600)`,
  );
  const [forBad, forGood] = [bad.consumers.all[0]!, good.consumers.all[0]!];
  const of: Consumers['of'] = ({ subject }) => [subject === 'bad' ? forBad : forGood];

  expect(await runReconcile({ consumers: { ...good.consumers, of } })).toMatchObject({ settled: 100, unanswered: 600 });
  expect(askedBad).toBe(1);
  expect(good.questions).toHaveLength(1);
});

test('an event with two consumers is settled when both have it, and is sent again when one lacks it', async () => {
  const [first, second] = [await givenConsumer(), await givenConsumer()];
  const both: Consumers = { ...first.consumers, of: () => [first.consumers.all[0]!, second.consumers.all[0]!] };
  const [id] = await givenHandedOver(first, 1);

  expect(await runReconcile({ consumers: both })).toMatchObject({ settled: 0, lost: 1 });
  await runSweep(first);
  second.has.add(id!);
  expect(await runReconcile({ consumers: both })).toMatchObject({ settled: 1 });
});

test('three passes at once lose and settle each event once', async () => {
  const consumer = await givenConsumer();
  let count = 0;
  consumer.setDelivers(() => ++count % 2 === 0);
  await givenHandedOver(consumer, 400);
  const passes = await Promise.all([runReconcile(consumer), runReconcile(consumer), runReconcile(consumer)]);

  const sum = (what: 'settled' | 'lost'): number => passes.reduce((total, pass) => total + pass[what], 0);
  expect([sum('settled'), sum('lost')]).toEqual([200, 200]);
  consumer.setDelivers(() => true);
  expect(await runSweep(consumer)).toMatchObject({ handedOver: 200 });
});

test('takes its time from the clock it is given', async () => {
  const consumer = await givenConsumer();
  consumer.setDelivers(() => false);
  let now = new Date(Date.now() + 1_000_000);
  await outbox.record([givenEvent()]);
  await sweep({ pool, brokerUrl: consumer.brokerUrl, log, now: () => now });

  now = new Date(now.getTime() + 59_000);
  expect(await runReconcile(consumer, { now: () => now })).toMatchObject({ asked: 1, lost: 0 });
  now = new Date(now.getTime() + 2_000);
  expect(await runReconcile(consumer, { now: () => now })).toMatchObject({ asked: 1, lost: 1 });
});

async function secondsUntilDue(): Promise<number> {
  const { rows } = await pool.query<{ seconds: number }>(
    'SELECT round(extract(epoch FROM next_attempt_at - clock_timestamp()))::int AS seconds FROM outbox',
  );
  return rows[0]!.seconds;
}
