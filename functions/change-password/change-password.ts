// Changes the own password. Next in the story: functions/shared/database/sessions.ts, which ends what was begun with the old one.
import { hashPassword } from '../shared/access/password-hash.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { confirmPassword, type Confirmed } from '../shared/credentials/confirm-password.ts';
import { checkPassword } from '../shared/credentials/password-rules.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { doneBefore, doneNow, keepDone, wasDone } from '../shared/database/done-once.ts';
import { retrying } from '../shared/database/pool.ts';
import { endSessions } from '../shared/database/sessions.ts';
import { requireStanding } from '../shared/database/standing.ts';
import type { Committed } from '../shared/handler/answer.ts';
import type { Call } from '../shared/handler/call.ts';
import { userIdOf } from '../shared/handler/caller.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { Environment } from '../shared/process/environment.ts';
import { contract, type PasswordChange } from './contract.ts';

export const changePasswordFunction = defineFunction(contract, ({ users }) => ({
  routes: { 'POST /users/{id}/password': (command, call) => changePassword(users, command, call) },
}));

/** Also a teller changes no password but their own: functions/reset-password is for those of others. */
export async function changePassword(
  { db }: Environment['users'],
  { id, current_password, new_password }: PasswordChange,
  call: Call,
): Promise<Committed<undefined>> {
  if (userIdOf(call.caller) !== id) throw notFound('user', id);
  const isDone = () => retrying(() => wasDone(db, call.idempotency));
  // Before the password is looked at, which is the old one no longer.
  if (await isDone()) return doneBefore;
  const confirming = confirmPassword(db, call, { password: current_password, pointer: '/current_password' });
  const person = await confirming.catch(async (error: unknown) => {
    // A copy that came first was done meanwhile.
    if (error instanceof Refusal && (await isDone())) return undefined;
    throw error;
  });
  if (!person) return doneBefore;
  checkPassword(new_password, person, '/new_password');
  const passwordHash = await hashPassword(new_password);
  return await retrying(() => replaceHash(db, person, passwordHash, call), { what: 'the users database' });
}

async function replaceHash(
  db: Environment['users']['db'],
  { id, password_hash: shown }: Confirmed,
  passwordHash: string,
  call: Call,
): Promise<Committed<undefined>> {
  return await db.transaction().execute(async (trx) => {
    const user = await trx
      .selectFrom('bank_user')
      .select('password_hash')
      .where('id', '=', id)
      .where('removed_at', 'is', null)
      // Who signs in takes this lock as well, and compares: no session of the old password begins after its end.
      .forUpdate()
      .executeTakeFirst();
    // Committed by a try or a copy whose answer was lost.
    if (await wasDone(trx, call.idempotency)) return doneBefore;
    await requireStanding(trx, call);
    if (user?.password_hash !== shown) throw changedMeanwhile();

    await trx.updateTable('bank_user').set({ password_hash: passwordHash }).where('id', '=', id).execute();
    await trx.deleteFrom('password_reset').where('user_id', '=', id).execute();
    const ended = await endSessions(trx, id, 'password_changed', { except: call.sessionId });
    const details = { ended_sessions: ended.length };
    await recordAudit(trx, { act: 'password.changed', subject: `users/${id}`, details }, call);
    await keepDone(trx, call.idempotency);
    return doneNow;
  });
}

/** Of two changes at once the second has shown a password that is none any more. */
function changedMeanwhile(): Refusal {
  const detail = 'the password was changed meanwhile';
  return new Refusal('wrong_password', 422, detail, { errors: [{ pointer: '/current_password', detail }] });
}
