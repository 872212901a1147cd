// The five classic outbox bugs, one test each, through the relay's whole tick: nothing is lost, blocked or slow.
import pg from 'pg';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { givenConsumer, type TestConsumer } from '../testing/consumer.ts';
import { givenEvent } from '../testing/given-event.ts';
import { givenOutbox } from '../testing/outbox.ts';
import { givenSubscriber } from '../testing/subscriber.ts';
import { keptPeriods, prune } from './prune.ts';
import { reconcile } from './reconcile.ts';
import { readOwed } from './status.ts';
import { claimSql, sweep } from './sweep.ts';
import { tick } from './tick.ts';

const outbox = await givenOutbox();
const { admin } = outbox;
const log = pino({ level: 'silent' });
const givenEvents = (count: number) => Array.from({ length: count }, () => givenEvent());

const runTick = ({ brokerUrl, consumers }: TestConsumer, pool = outbox.pool) =>
  tick({ context: 'ledger', pool, brokerUrl, consumers, log });

/** Ticks until nothing is owed, as the minutes pass; every event has to have had its effect by then. */
async function drain(consumer: TestConsumer, ticksMax = 6): Promise<void> {
  for (let i = 0; i < ticksMax; i++) {
    await outbox.makeDue();
    await runTick(consumer);
  }
  expect(await readOwed(outbox.pool, consumer.consumers)).toMatchObject({ owed: 0, oldestUnsettled: null });
}

test('sequence gap: a transaction held open for 5 s while 1,000 commit is not skipped', async () => {
  const consumer = await givenConsumer();
  const [late, ...others] = givenEvents(1_001);
  const client = await admin.connect();
  onTestFinished(() => client.release());
  await client.query('BEGIN');
  await outbox.record([late!], { client });
  const heldFrom = performance.now();
  while (others.length > 0) {
    await outbox.record(others.splice(0, 100));
    await runTick(consumer);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  expect(performance.now() - heldFrom).toBeGreaterThan(5_000);
  expect(consumer.deliveries.size).toBe(1_000);
  expect(consumer.deliveries.has(late!.id)).toBe(false);

  await client.query('COMMIT');
  await drain(consumer);
  expect(consumer.deliveries.get(late!.id)).toBe(1);
  expect([...consumer.deliveries.values()]).toEqual(Array(1_001).fill(1));
}, 60_000);

test('three relays at once: each event is sent once, lost ones too, and none is forgotten', async () => {
  const consumer = await givenConsumer();
  let count = 0;
  consumer.setDelivers(() => ++count % 3 !== 0);
  await outbox.record(givenEvents(300));
  await Promise.all([1, 2, 3].map(() => runTick(consumer)));
  expect([count, consumer.deliveries.size]).toEqual([300, 200]);

  consumer.setDelivers(() => true);
  await outbox.makeDue();
  await Promise.all([1, 2, 3].map(() => runTick(consumer)));
  await drain(consumer, 2);
  expect([...consumer.deliveries.values()]).toEqual(Array(300).fill(1));
}, 60_000);

test('a row that always fails: the others are sent and settled, and it stays owed', async () => {
  const consumer = await givenConsumer();
  const [poison, ...good] = givenEvents(50);
  const broker = await givenSubscriber(async ({ headers, body }) => {
    if (headers['ce-id'] === poison!.id) return { status: 400 };
    const forwarded = Object.entries(headers).filter(([name]) => name.startsWith('ce-')) as [string, string][];
    const { status } = await fetch(consumer.brokerUrl, { method: 'POST', headers: forwarded, body });
    return { status };
  });
  await outbox.record([poison!]);
  await outbox.record(good);
  for (let i = 0; i < 3; i++) {
    await outbox.makeDue();
    await runTick({ ...consumer, brokerUrl: broker.url });
  }
  expect(await outbox.owed()).toEqual([poison!.id]);
  expect(await outbox.settled()).toEqual(good.map(({ id }) => id).sort());
  expect(await readOwed(outbox.pool, consumer.consumers)).toMatchObject({ owed: 1 });
});

test('a crash between hand-over and mark, or before it: sent again, and settled once', async () => {
  const consumer = await givenConsumer();
  const [sent, unsent, marked] = givenEvents(3);
  await outbox.record([sent!, unsent!, marked!]);
  // The first relay died after the broker's 202 and before its mark; the second before it had sent anything.
  const claimed = `UPDATE outbox SET attempts = attempts + 1, next_attempt_at = now() + interval '1 minute' WHERE id = ANY ($1)`;
  await admin.query(claimed, [[sent!.id, unsent!.id]]);
  consumer.has.add(sent!.id);
  consumer.deliveries.set(sent!.id, 1);
  // The third marked, and its broker lost the event.
  await admin.query('UPDATE outbox SET handed_over_at = now() WHERE id = $1', [marked!.id]);

  await runTick(consumer);
  expect(consumer.deliveries.get(unsent!.id)).toBeUndefined();
  await drain(consumer);
  expect(consumer.deliveries).toEqual(
    new Map([
      [sent!.id, 2], // The consumer's inbox recognises it.
      [unsent!.id, 1],
      [marked!.id, 1],
    ]),
  );
});

test('a relay that dies in the middle of a tick loses nothing, wherever it dies', async () => {
  const consumer = await givenConsumer();
  let count = 0;
  consumer.setDelivers(() => ++count % 4 !== 0);
  await outbox.record(givenEvents(80));
  const { connectionString } = outbox.pool.options;
  for (let i = 0; i < 12; i++) {
    const pool = new pg.Pool({ connectionString, max: 4, application_name: 'dying relay' });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    const dying = runTick(consumer, pool).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, i * 8));
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dying relay'`,
    );
    await dying;
    await pool.end();
    await outbox.makeDue();
  }
  consumer.setDelivers(() => true);
  await drain(consumer);
  expect(consumer.has.size).toBe(80);
}, 60_000);

test('a million old rows: each step reads only what it works on', async () => {
  await givenMillionSettled();
  const consumer = await givenConsumer();
  const pool = new pg.Pool({ connectionString: outbox.pool.options.connectionString, max: 1 });
  onTestFinished(() => pool.end());
  const { brokerUrl, consumers } = consumer;
  const steps = {
    sweep: () => sweep({ pool, brokerUrl, log }),
    reconcile: () => reconcile({ pool, consumers, log }),
    owed: () => readOwed(pool, consumers),
    prune: () => prune({ pool, consumers, log, kept: keptPeriods.ledger, rowsMax: 500, batchMax: 100 }),
  };
  // Prepared statements get a plan for any parameters from the sixth time on; it has to be as good.
  for (const plans of ['force_custom_plan', 'force_generic_plan']) {
    await outbox.record(givenEvents(30));
    for (const [name, step] of Object.entries(steps)) {
      const { sequential, read } = await readsOf(pool, plans, step);
      expect([plans, name, sequential]).toEqual([plans, name, 0]);
      // Each row of the step is found, locked and changed, in several claims; that does not grow with the table.
      expect(read, `${plans}: ${name}`).toBeLessThan(5_000);
    }
    await outbox.makeDue();
  }
  const explained = claimSql
    .replaceAll('$4', 'NULL')
    .replaceAll('$1', '16')
    .replaceAll(/\$[23]/g, '1');
  const { rows } = await admin.query<Record<string, string>>(`EXPLAIN ${explained}`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('Index Scan using outbox_owed');
  expect(plan).not.toContain('Seq Scan');
}, 180_000);

/** In the past and applied; beside them rows that are owed, in a table as large as they make it. */
async function givenMillionSettled(): Promise<void> {
  await admin.query(
    `INSERT INTO outbox (type, source, subject, time, data, partitionkey, sequence, handed_over_at, settled_at, next_attempt_at)
     SELECT 'com.microbank.transaction.completed', '/microbank/deposit', 'transactions/' || n, now(), '{}', n, n,
       now() - interval '30 days', now() - interval '30 days' + n * interval '1 second', now() - interval '30 days'
     FROM generate_series(1, 1000000) n`,
  );
  await admin.query('VACUUM ANALYZE outbox');
}

/** What a step reads of the outbox, counted by PostgreSQL within one transaction. */
async function readsOf(
  pool: pg.Pool,
  plans: string,
  step: () => Promise<unknown>,
): Promise<{ sequential: number; read: number }> {
  await pool.query(`SET plan_cache_mode = ${plans}`);
  await pool.query('BEGIN');
  await step();
  const { rows } = await pool.query<{ sequential: number; read: number }>(
    `SELECT seq_scan::int AS sequential, (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_xact_user_tables WHERE relname = 'outbox'`,
  );
  await pool.query('COMMIT');
  return rows[0]!;
}
