// Pruning on real Postgres, as the application role: what is needed stays, what is not goes, in small steps.
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { givenDatabases } from '../../functions/shared/testing/postgres.ts';
import { givenConsumer } from '../testing/consumer.ts';
import { givenEvent } from '../testing/given-event.ts';
import { givenOutbox } from '../testing/outbox.ts';
import { keptPeriods, prune, type PruneSettings } from './prune.ts';
import { receiptsPruning } from './questions.ts';

const outbox = await givenOutbox();
const { pool, admin } = outbox;
const databases = await givenDatabases();
const notifications = new pg.Pool({ connectionString: databases.notifications.url, max: 1 });
afterAll(() => notifications.end());
beforeEach(async () => {
  await admin.query('TRUNCATE idempotency_key');
});

async function runPrune(settings: Partial<PruneSettings> = {}) {
  const consumers = settings.consumers ?? (await givenConsumer()).consumers;
  return prune({ pool, kept: keptPeriods.ledger, log: pino({ level: 'silent' }), ...settings, consumers });
}

/** Settled so many hours ago; null: not yet. */
async function givenSettled(hoursAgo: number | null, count = 1): Promise<string[]> {
  const events = Array.from({ length: count }, () => givenEvent());
  await outbox.record(events);
  const ids = events.map(({ id }) => id);
  await admin.query(
    `UPDATE outbox SET handed_over_at = now() - interval '40 days', settled_at = now() - $2 * interval '1 hour' WHERE id = ANY ($1)`,
    [ids, hoursAgo],
  );
  return ids;
}

const givenKeys = (hoursAgo: number, count = 1) =>
  admin.query(
    `INSERT INTO idempotency_key (scope, key, fingerprint, answer, created_at)
     SELECT 'user:1', gen_random_uuid(), '', '{}', now() - $1 * interval '1 hour' FROM generate_series(1, $2)`,
    [hoursAgo, count],
  );
const keysLeft = async () => (await admin.query('SELECT FROM idempotency_key')).rowCount;

test('settled events go after a day, keys after two; what is not settled stays, however old', async () => {
  await givenSettled(25);
  const [young] = await givenSettled(23);
  const [unsettled] = await givenSettled(null);
  await givenKeys(49);
  await givenKeys(47);

  expect(await runPrune()).toEqual({ keys: 1, events: 1, receipts: 0, more: false });
  expect(await outbox.settled()).toEqual([young]);
  expect(await outbox.unsettled()).toEqual([unsettled]);
  expect(await keysLeft()).toBe(1);
  expect(await runPrune()).toMatchObject({ keys: 0, events: 0 });
});

test('in the users context an event outlasts the keys that are answered with it', async () => {
  expect(keptPeriods.users.eventsKeptMs).toBeGreaterThan(keptPeriods.users.keysKeptMs);
  await givenSettled(60);
  await givenKeys(60, 50);
  // While keys are left that should be gone, no event goes.
  expect(await runPrune({ kept: keptPeriods.users, rowsMax: 20, batchMax: 10 })).toEqual({
    keys: 20,
    events: 0,
    receipts: 0,
    more: true,
  });
  expect(await runPrune({ kept: keptPeriods.users })).toEqual({ keys: 30, events: 1, receipts: 0, more: false });
});

test('stops at its limit and goes on at the next run', async () => {
  await givenSettled(30, 50);
  expect(await runPrune({ rowsMax: 20, batchMax: 10 })).toMatchObject({ events: 20, more: true });
  expect(await runPrune()).toMatchObject({ events: 30, more: false });
});

test('several at once share the work', async () => {
  await givenSettled(30, 300);
  const runs = await Promise.all([1, 2, 3].map(() => runPrune({ batchMax: 20 })));
  expect(runs.reduce((sum, { events }) => sum + events, 0)).toBe(300);
  expect(await outbox.settled()).toEqual([]);
});

test('the role can delete nothing that is needed, whatever it asks for', async () => {
  await givenSettled(0.5);
  await givenSettled(null);
  await givenKeys(23);
  const tomorrow = new Date(Date.now() + 86_400_000);
  await pool.query('SELECT * FROM prune_outbox($1, 1000)', [tomorrow]);
  await pool.query('SELECT prune_idempotency_keys($1, 1000)', [tomorrow]);
  expect([(await outbox.settled()).length, (await outbox.unsettled()).length, await keysLeft()]).toEqual([1, 1, 1]);
  for (const forbidden of ['DELETE FROM outbox', 'DELETE FROM idempotency_key', 'TRUNCATE outbox'])
    await expect(pool.query(forbidden)).rejects.toThrow('permission denied');
});

test('consumers forget their receipts only up to the oldest event that may be sent again', async () => {
  const consumer = await givenConsumer();
  await givenSettled(30);
  const now = new Date();
  await runPrune({ consumers: consumer.consumers, now: () => now });
  const week = 7 * 86_400_000;
  const source = '/microbank/deposit';
  expect(consumer.questions).toEqual([
    {
      type: receiptsPruning.requested,
      data: { sources: [source], before: new Date(now.getTime() - week).toISOString() },
    },
  ]);

  const monthOld = new Date(now.getTime() - 4 * week);
  await outbox.record([givenEvent(undefined, { time: monthOld.toISOString() })]);
  await givenSettled(30);
  await runPrune({ consumers: consumer.consumers, now: () => now });
  const before = new Date(monthOld.getTime() - 3_600_000).toISOString();
  expect(consumer.questions[1]).toMatchObject({ data: { before } });
  // An idle bank wakes nobody.
  await runPrune({ consumers: consumer.consumers });
  expect(consumer.questions).toHaveLength(2);
});

test('a receipt stays while a dead letter of its event could still be redriven', async () => {
  const owner = new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 1 });
  await owner.query(
    `INSERT INTO inbox (source, id, applied_at) SELECT '/a', n::text, now() - interval '9 days' FROM generate_series(1, 3) n`,
  );
  await owner.query(
    `INSERT INTO inbox (source, id, applied_at) VALUES ('/b', '1', now() - interval '9 days'), ('/a', 'new', now())`,
  );
  await owner.query(
    `INSERT INTO dead_letter (source, event_id, type, event, destination, received_at, last_received_at, redriven_at, verified)
     VALUES ('/a', '1', 't', '{}', '', now(), now(), NULL, true), ('/a', '2', 't', '{}', '', now(), now(), now(), true),
       ('/a', '2', 't', '{}', '', now(), now(), NULL, false)`,
  );
  await owner.end();
  const { rows } = await notifications.query('SELECT prune_inbox($1, now(), 100)::int AS pruned', [['/a']]);
  expect(rows).toEqual([{ pruned: 2 }]);
  const left = await notifications.query('SELECT source, id FROM inbox ORDER BY source, id');
  expect(left.rows).toEqual([
    { source: '/a', id: '1' },
    { source: '/a', id: 'new' },
    { source: '/b', id: '1' },
  ]);
  await expect(notifications.query('DELETE FROM inbox')).rejects.toThrow('permission denied');
});
