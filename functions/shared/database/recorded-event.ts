// Reads an event back from the outbox, so that a repeated command is answered with the very event it caused.
import type { Kysely } from 'kysely';
import type { OutboxEvent } from '../../../eventing/outbox/outbox-event.ts';
import type { OutboxSchema } from '../../../eventing/outbox/outbox-schema.ts';
import { padSequence } from '../../../eventing/outbox/record.ts';

/** The event as recordEvent returned it. Throws kysely's NoResultError for an unknown id. */
export async function loadEvent(db: Kysely<OutboxSchema>, id: string): Promise<OutboxEvent> {
  const row = await db
    .selectFrom('outbox')
    .select(['id', 'type', 'source', 'subject', 'time', 'data', 'partitionkey', 'sequence', 'traceparent'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return { ...row, time: row.time.toISOString(), sequence: padSequence(row.sequence) };
}
