// Recognises a request about credentials that comes again. As commit-once.ts, without a stored answer: the role of these functions may see
// none, and what they answer is nothing, or can be looked up.
import type { Kysely, Transaction } from 'kysely';
import { committed } from '../handler/answer.ts';
import type { Idempotency } from '../handler/call.ts';
import { keyReused } from './commit-once.ts';
import type { UsersSchema } from './users-schema.ts';

/** Of what is answered with nothing: done now, and done by an earlier try or copy. */
export const doneNow = committed(undefined, undefined);
export const doneBefore = committed(undefined, undefined, true);

/**
 * True when this very request has been done, and its answer was lost or this is a copy. To be asked before anything that its being done
 * makes wrong, such as the old password, and again once its row is locked. Throws `idempotency_key_reused`.
 *
 * Only what was done is kept: a password that was refused is looked at anew, and counted anew.
 */
export async function wasDone(db: Kysely<UsersSchema>, { scope, key, fingerprint }: Idempotency): Promise<boolean> {
  const kept = await db
    .selectFrom('idempotency_key')
    .select('fingerprint')
    .where('scope', '=', scope)
    .where('key', '=', key)
    .executeTakeFirst();
  if (kept && kept.fingerprint !== fingerprint) throw keyReused();
  return kept !== undefined;
}

/** Commits with what was done. Throws `idempotency_key_reused`. */
export async function keepDone(trx: Transaction<UsersSchema>, { scope, key, fingerprint }: Idempotency): Promise<void> {
  const kept = await trx
    .insertInto('idempotency_key')
    .values({ scope, key, fingerprint, answer: JSON.stringify({ outcome: 'completed' }) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('key')
    .executeTakeFirst();
  if (!kept) throw keyReused();
}
