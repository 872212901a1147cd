// The dead letters as kysely sees them; they live in the notifications database. The table: functions/shared/database/migrations/notifications/.
import type { ColumnType, Generated } from 'kysely';
import type { AuditSchema } from './audit.ts';

export type DeadLetterSchema = AuditSchema & { dead_letter: DeadLetterTable };

type DeadLetterTable = {
  id: Generated<bigint>;
  source: string;
  event_id: string;
  type: string;
  subject: string | null;
  /** A CloudEvent in its JSON form; written as JSON text. */
  event: ColumnType<unknown, string, never>;
  /** Address of the subscriber that did not take it; empty when unknown. */
  destination: string;
  /** HTTP status; -1: there was no answer. */
  reason_code: number | null;
  reason_data: string | null;
  attempts: Generated<number>;
  received_at: ColumnType<Date, Date, never>;
  last_received_at: Date;
  /** When a teller's redrive succeeded; then it is no longer listed. */
  redriven_at: ColumnType<Date | null, undefined, Date | null>;
  /** Signed by who may say it. What is not is kept apart: it may be anybody's, and is never sent again. */
  verified: ColumnType<boolean, boolean, never>;
  /** When a teller put it away, and why; both or neither. */
  discarded_at: ColumnType<Date | null, undefined, Date | null>;
  discarded_reason: ColumnType<string | null, undefined, string | null>;
  /** Until then somebody is redriving it. */
  redriving_until: ColumnType<Date | null, undefined, Date | null>;
};
