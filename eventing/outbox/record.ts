// Writes an event into the outbox, in the transaction that makes it true. The ledger does the same in SQL.
import type { Transaction } from 'kysely';
import type * as z from 'zod';
import type { EventContract } from '../events/event-contract.ts';
import type { OutboxEvent } from './outbox-event.ts';
import type { OutboxSchema } from './outbox-schema.ts';

export type EventToRecord<S extends z.ZodObject> = {
  /** `/microbank/<function>` */
  source: string;
  /** The aggregate, e.g. `users/1`. */
  subject: string;
  time: Date;
  data: z.output<S>;
  /** Events with the same key keep their order, by `sequence`. */
  partitionkey: string;
  sequence: bigint | number;
  traceparent: string | null;
};

/** `sequence` as it travels: 20 digits sort as text whatever a bigint holds. */
export function padSequence(sequence: bigint | number | string): string {
  return String(sequence).padStart(20, '0');
}

/**
 * Returns the event to push to the hand-over once the transaction has committed, never before.
 * `data` is trusted to be in wire form: its type says so, and the contract's test reads it back.
 */
export async function recordEvent<S extends z.ZodObject, Schema extends OutboxSchema>(
  trx: Transaction<Schema>,
  contract: EventContract<S>,
  event: EventToRecord<S>,
): Promise<OutboxEvent> {
  // Kysely's types are invariant in the schema, so a context's own schema has to be narrowed to the table used here.
  const outbox = trx as unknown as Transaction<OutboxSchema>;
  const { id } = await outbox
    .insertInto('outbox')
    .values({ ...event, type: contract.type, data: JSON.stringify(event.data) })
    .returning('id')
    .executeTakeFirstOrThrow();

  return { ...event, id, type: contract.type, time: event.time.toISOString(), sequence: padSequence(event.sequence) };
}
