// The counters of attempts as kysely sees them, in each database that has some. The table: migrations/{users,ledger}/0008-limits.sql.
import type { ColumnType } from 'kysely';

export type AttemptSchema = { attempt: AttemptTable };

type AttemptTable = {
  kind: string;
  /** HMAC-SHA-256 in hex. */
  subject: string;
  count: number;
  counted_at: Date;
  not_before: ColumnType<Date, Date | undefined>;
  forgotten_at: Date;
};
