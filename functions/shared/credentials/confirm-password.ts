// Asks somebody who is signed in for their password once more, before what a page left open must not be enough for.
import { sql, type Kysely } from 'kysely';
import { verifyPassword } from '../access/password-hash.ts';
import { Refusal, sessionEnded } from '../contract/errors.ts';
import { recordAudit } from '../database/audit.ts';
import { retrying } from '../database/pool.ts';
import { endSession } from '../database/sessions.ts';
import type { UsersSchema } from '../database/users-schema.ts';
import type { Call } from '../handler/call.ts';
import { userIdOf } from '../handler/caller.ts';

/** Who types this often without success has found a page left open, or signs in anew as easily. */
export const wrongPasswordsMax = 5;

type Asker = Pick<Call, 'caller' | 'sessionId' | 'traceparent'>;
/** `password_hash` is the one that was shown the password of: whoever acts on that compares it again, in the commit. */
export type Confirmed = { id: bigint; name: string; email: string; password_hash: string };

/**
 * Throws `wrong_password`, and `session_ended` at the fifth wrong one in a session, which ends it; `too_many_attempts` while as many are
 * looked at. Counted in the session and nowhere else:
 * a thief of a session has five guesses, and can't use up the owner's. Counted before the password is checked, so that many at once are
 * no more than five either.
 */
export async function confirmPassword(
  db: Kysely<UsersSchema>,
  asker: Asker,
  { password, pointer }: { password: string; pointer: string },
): Promise<Confirmed> {
  const wrong = await retrying(() => countTry(db, asker, 1));
  const person = await retrying(() => findPerson(db, asker));
  const isRight = await verifyPassword(password, person.password_hash).catch(async (error: unknown) => {
    // Nobody has guessed anything.
    await retrying(() => countTry(db, asker, -1));
    throw error;
  });
  if (isRight && person.password_hash !== null) {
    await retrying(() => forgetTries(db, asker));
    return { ...person, password_hash: person.password_hash };
  }
  if (wrong >= wrongPasswordsMax) {
    await retrying(() => endGuessing(db, asker));
    throw sessionEnded();
  }
  const detail = 'this is not your password';
  throw new Refusal('wrong_password', 422, detail, { errors: [{ pointer, detail }] });
}

/** How many there were, this one included. Throws when there may be no more. */
async function countTry(db: Kysely<UsersSchema>, { caller, sessionId }: Asker, by: 1 | -1): Promise<number> {
  const counted = await db
    .updateTable('session')
    .set({ wrong_passwords: sql<number>`greatest(wrong_passwords + ${by}::int, 0)` })
    .where('id', '=', sessionId ?? null)
    .where('user_id', '=', BigInt(userIdOf(caller) ?? 0))
    .where('ended_at', 'is', null)
    .$if(by > 0, (query) => query.where('wrong_passwords', '<', wrongPasswordsMax))
    .returning('wrong_passwords')
    .executeTakeFirst();
  if (!counted && by > 0) throw await noneLeft(db, sessionId);
  return counted?.wrong_passwords ?? 0;
}

/** It has ended; or so many passwords are looked at in this moment that, should all be wrong, it will have. */
async function noneLeft(db: Kysely<UsersSchema>, sessionId: string | undefined): Promise<Refusal> {
  const open = await db
    .selectFrom('session')
    .select('id')
    .where('id', '=', sessionId ?? null)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (!open) return sessionEnded();
  const detail = 'this session has shown many passwords at once; try again, or sign in anew';
  return new Refusal('too_many_attempts', 429, detail, { headers: { 'Retry-After': '1' } });
}

async function findPerson(db: Kysely<UsersSchema>, { caller }: Asker) {
  const person = await db
    .selectFrom('bank_user')
    .select(['id', 'name', 'email', 'password_hash'])
    .where('id', '=', BigInt(userIdOf(caller) ?? 0))
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (!person || person.name === null || person.email === null) throw sessionEnded();
  return { ...person, name: person.name, email: person.email };
}

async function forgetTries(db: Kysely<UsersSchema>, { sessionId }: Asker): Promise<void> {
  await db
    .updateTable('session')
    .set({ wrong_passwords: 0 })
    .where('id', '=', sessionId ?? null)
    .execute();
}

async function endGuessing(db: Kysely<UsersSchema>, asker: Asker): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!(await endSession(trx, asker.sessionId ?? '', 'wrong_passwords'))) return;
    const subject = `users/${userIdOf(asker.caller)}`;
    await recordAudit(trx, { act: 'session.ended', subject, details: { reason: 'wrong_passwords' } }, asker);
  });
}
