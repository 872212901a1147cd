// An outbox on real Postgres for tests: rows put in as their owner does, looked at as the application role.
import pg from 'pg';
import { afterAll, beforeEach } from 'vitest';
import { givenDatabases } from '../../functions/shared/testing/postgres.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';

export type TestOutbox = {
  /** The application role's. */
  pool: pg.Pool;
  /** The owner's. */
  admin: pg.Pool;
  /** Writes due rows, unless `dueInMs` says otherwise. */
  record: (events: OutboxEvent[], options?: { dueInMs?: number; client?: pg.ClientBase }) => Promise<void>;
  owed: () => Promise<string[]>;
  /** Handed over and not settled. */
  unsettled: () => Promise<string[]>;
  settled: () => Promise<string[]>;
  /** As if that much time had passed for the rows still owed, and for those handed over and not settled. */
  makeDue: () => Promise<void>;
};

/** The ledger's outbox; empty at the start of each test of the file that calls this at its top. */
export async function givenOutbox(): Promise<TestOutbox> {
  const { ledger } = await givenDatabases();
  const pool = new pg.Pool({ connectionString: ledger.url, max: 8 });
  const admin = new pg.Pool({ connectionString: ledger.adminUrl, max: 2 });
  afterAll(() => Promise.all([pool.end(), admin.end()]));
  beforeEach(async () => {
    await admin.query('TRUNCATE outbox');
  });

  const idsWhere = async (condition: string): Promise<string[]> => {
    const { rows } = await pool.query<{ id: string }>(`SELECT id FROM outbox WHERE ${condition} ORDER BY id`);
    return rows.map(({ id }) => id);
  };

  return {
    pool,
    admin,
    async record(events, { dueInMs = -1, client } = {}) {
      await (client ?? admin).query(
        `INSERT INTO outbox (id, type, source, subject, time, data, partitionkey, sequence, traceparent, next_attempt_at)
         SELECT id, type, source, subject, time, data, partitionkey, sequence, traceparent,
                clock_timestamp() + $2 * interval '1 millisecond'
         FROM jsonb_populate_recordset(NULL::outbox, $1)`,
        [JSON.stringify(events), dueInMs],
      );
    },
    owed: () => idsWhere('handed_over_at IS NULL'),
    unsettled: () => idsWhere('handed_over_at IS NOT NULL AND settled_at IS NULL'),
    settled: () => idsWhere('settled_at IS NOT NULL'),
    async makeDue() {
      await pool.query(
        `UPDATE outbox SET next_attempt_at = clock_timestamp() - interval '1 second' WHERE settled_at IS NULL`,
      );
    },
  };
}
