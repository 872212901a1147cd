// Puts a dead letter away for good: what it asks for is known not to be needed, or it was never the bank's.
import { type Kysely, sql } from 'kysely';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { recordAudit } from '../shared/database/audit.ts';
import type { DeadLetterSchema } from '../shared/database/dead-letter-schema.ts';
import { retrying } from '../shared/database/pool.ts';
import type { Call } from '../shared/handler/call.ts';
import type { Discarded } from './contract.ts';
import { redriveInProgress } from './redrive.ts';

/**
 * The relay goes on to count it as one that its consumer has, so the event is not sent again. Discarded again, the answer is the first
 * one. Throws 404, or 409 for one that was redriven, or is being redriven.
 */
export async function discard(
  db: Kysely<DeadLetterSchema>,
  { id, reason }: { id: number; reason: string },
  call: Call,
): Promise<Discarded> {
  return retrying(() =>
    db.transaction().execute(async (trx) => {
      const letter = await trx
        .selectFrom('dead_letter')
        .select(['source', 'event_id', 'type', 'destination', 'verified', 'redriven_at', 'discarded_reason'])
        .select(sql<boolean>`coalesce(redriving_until > now(), false)`.as('isRedriving'))
        .where('id', '=', BigInt(id))
        .forUpdate()
        .executeTakeFirst();
      if (!letter) throw notFound('dead_letter', id, '/id');
      const { redriven_at, discarded_reason, isRedriving, ...about } = letter;
      if (redriven_at)
        throw new Refusal('dead_letter_redriven', 409, 'this dead letter was redriven: its event is applied');
      if (isRedriving) throw redriveInProgress();
      if (discarded_reason !== null) return { id, discarded: true, reason: discarded_reason };

      await trx
        .updateTable('dead_letter')
        .set({ discarded_at: sql<Date>`now()`, discarded_reason: reason })
        .where('id', '=', BigInt(id))
        .execute();
      const { event_id, type, verified } = about;
      const details = { event_id, type, verified };
      await recordAudit<DeadLetterSchema>(
        trx,
        { act: 'dead_letter.discarded', subject: `dead-letters/${id}`, reason, details },
        call,
      );
      return { id, discarded: true, reason };
    }),
  );
}
