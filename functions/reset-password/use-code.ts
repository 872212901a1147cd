// Somebody chooses a new password with the code that a teller gave them.
import { sql, type Kysely } from 'kysely';
import { networkOf } from '../shared/access/network.ts';
import { hashPassword, verifyPassword, type HashTurn } from '../shared/access/password-hash.ts';
import { emailKey } from '../shared/contract/email-key.ts';
import { Refusal } from '../shared/contract/errors.ts';
import { checkPassword } from '../shared/credentials/password-rules.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { doneBefore, doneNow, keepDone, wasDone } from '../shared/database/done-once.ts';
import { retrying } from '../shared/database/pool.ts';
import { endSessions } from '../shared/database/sessions.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';
import type { Committed } from '../shared/handler/answer.ts';
import type { Call } from '../shared/handler/call.ts';
import type { Environment } from '../shared/process/environment.ts';
import type { PasswordReset } from './contract.ts';
import { plainCode } from './reset-code.ts';

/** Of 2^60 codes. */
export const triesMax = 5;

type Db = Kysely<UsersSchema>;
type Tried = { id: bigint; name: string; email: string; code_hash: string; tries: number };

/**
 * One answer, after the same work, for an address that nobody has, one without a code, a wrong code, an old one and one that was used:
 * nobody learns who is a customer, nor whether somebody just asked for a code.
 */
export async function useCode(
  { users: { db }, now }: Pick<Environment, 'users' | 'now'>,
  { email, code, new_password }: PasswordReset,
  call: Call,
): Promise<Committed<undefined>> {
  // What needs no person, before a try is used up for it.
  checkPassword(new_password, undefined, '/new_password');

  const isDone = () => retrying(() => wasDone(db, call.idempotency));
  // Before the code is looked at, which is used by now.
  if (await isDone()) return doneBefore;

  // Anybody may ask, so networks take turns.
  const turn: HashTurn = { lane: 'sign-in', network: networkOf(call.address) };
  const tried = await retrying(() => countTry(db, email, now()));
  const isRight = await verifyPassword(plainCode(code), tried?.code_hash ?? null, turn).catch(
    async (error: unknown) => {
      if (tried) await retrying(() => takeBack(db, tried));
      throw error;
    },
  );
  if (!tried || !isRight) {
    // A copy that came first was done meanwhile.
    if (await isDone()) return doneBefore;
    if (tried?.tries === triesMax) await retrying(() => tellUsedUp(db, tried, call));
    throw refused();
  }
  await refuseWeak(db, tried, new_password);

  const passwordHash = await hashPassword(new_password);
  return await retrying(() => replaceHash(db, tried, passwordHash, call), { what: 'the users database' });
}

/** Counted before the code is looked at, so that many tries at once are no more than these either. One statement for everybody. */
async function countTry(db: Db, email: string, now: Date): Promise<Tried | undefined> {
  const { rows } = await sql<Tried>`
    UPDATE password_reset AS r SET tries = r.tries + 1
    FROM bank_user AS u
    WHERE u.email_key = ${emailKey(email)} AND u.removed_at IS NULL AND r.user_id = u.id
      AND r.expires_at > ${now}::timestamptz AND r.tries < ${triesMax}::int
    RETURNING u.id, u.name, u.email, r.code_hash, r.tries`.execute(db);
  return rows[0];
}

/** The code was right, or could not be looked at: this was no guess. */
async function takeBack(db: Db, { id, code_hash }: Tried): Promise<void> {
  await db
    .updateTable('password_reset')
    .set({ tries: sql<number>`greatest(tries - 1, 0)` })
    .where('user_id', '=', id)
    .where('code_hash', '=', code_hash)
    .execute();
}

async function refuseWeak(db: Db, tried: Tried, password: string): Promise<void> {
  try {
    checkPassword(password, tried, '/new_password');
  } catch (error) {
    await retrying(() => takeBack(db, tried));
    throw error;
  }
}

async function tellUsedUp(db: Db, { id }: Tried, call: Call): Promise<void> {
  const details = { tries: triesMax };
  await recordAudit(db, { act: 'password_reset.refused', subject: `users/${id}`, details }, call);
}

async function replaceHash(
  db: Db,
  { id, code_hash }: Tried,
  passwordHash: string,
  call: Call,
): Promise<Committed<undefined>> {
  return await db.transaction().execute(async (trx) => {
    const user = await trx
      .selectFrom('bank_user')
      .select('id')
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      // Who signs in takes this lock as well, and compares: no session of the old password begins after its end.
      .forUpdate()
      .executeTakeFirst();
    if (!user) throw refused();
    // Committed by a try or a copy whose answer was lost.
    if (await wasDone(trx, call.idempotency)) return doneBefore;
    const used = await trx
      .deleteFrom('password_reset')
      .where('user_id', '=', id)
      .where('code_hash', '=', code_hash)
      .returning('remove_passkeys')
      .executeTakeFirst();
    // Of two with the same code at once, the second; or a newer code has taken its place.
    if (!used) throw refused();

    await trx.updateTable('bank_user').set({ password_hash: passwordHash }).where('id', '=', id).execute();
    const ended = await endSessions(trx, id, 'password_reset');
    const removed = used.remove_passkeys
      ? await trx.deleteFrom('passkey').where('user_id', '=', id).returning('id').execute()
      : [];
    const details = { ended_sessions: ended.length, removed_passkeys: removed.map((passkey) => passkey.id) };
    await recordAudit(trx, { act: 'password_reset.used', subject: `users/${id}`, details }, call);
    await keepDone(trx, call.idempotency);
    return doneNow;
  });
}

function refused(): Refusal {
  const detail = 'the address or the code is wrong, or the code was used or is too old; ask a teller for a new one';
  return new Refusal('reset_refused', 422, detail, { errors: [{ pointer: '/code', detail }] });
}
