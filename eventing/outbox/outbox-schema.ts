// The outbox table as kysely sees it; it is the same in the users and the ledger database.
import type { ColumnType, Generated } from 'kysely';

export type OutboxSchema = { outbox: OutboxTable };

export type OutboxTable = {
  /** UUIDv7, drawn by the database. */
  id: Generated<string>;
  type: string;
  source: string;
  subject: string;
  time: ColumnType<Date, Date | string, never>;
  /** Wire form; written as JSON text. */
  data: ColumnType<unknown, string, never>;
  partitionkey: string;
  sequence: ColumnType<bigint, bigint | number, never>;
  traceparent: string | null;
  /** How often a relay has claimed the row. */
  attempts: Generated<number>;
  /** Until then the row is somebody's: the process that wrote it, the relay that claimed it, then the broker that took it. */
  next_attempt_at: Generated<Date>;
  handed_over_at: ColumnType<Date | null, never, Date | null>;
  /** Every consumer has it, applied or as a dead letter; only settled rows are pruned. */
  settled_at: ColumnType<Date | null, never, Date | null>;
};
