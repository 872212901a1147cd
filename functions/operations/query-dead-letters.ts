// The dead letters that wait for somebody, as the API shows them.
import type { Kysely } from 'kysely';
import type { DeadLetterSchema } from '../shared/database/dead-letter-schema.ts';
import type { DeadLetter } from './contract.ts';

/** Newest first; `before` is the last id of the page before. */
export async function listDeadLetters(
  db: Kysely<DeadLetterSchema>,
  { verified, before, skip, limit }: { verified: boolean; before: number | undefined; skip: number; limit: number },
): Promise<DeadLetter[]> {
  const rows = await db
    .selectFrom('dead_letter')
    .select([
      'id',
      'type',
      'source',
      'event_id',
      'destination',
      'reason_code',
      'reason_data',
      'attempts',
      'event',
      'verified',
    ])
    .select(['received_at', 'last_received_at'])
    .where('redriven_at', 'is', null)
    .where('discarded_at', 'is', null)
    .where('verified', '=', verified)
    .$if(before !== undefined, (query) => query.where('id', '<', BigInt(before ?? 0)))
    .orderBy('id', 'desc')
    .offset(skip)
    .limit(limit)
    .execute();
  return rows.map(({ id, received_at, last_received_at, event, ...row }) => ({
    ...row,
    id: Number(id),
    first_received_at: received_at.toISOString(),
    last_received_at: last_received_at.toISOString(),
    event: event as Record<string, unknown>,
  }));
}
