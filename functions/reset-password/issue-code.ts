// A teller makes a code for somebody whose password is gone. It is kept as a hash alone, so it can be shown once only.
import { hashPassword } from '../shared/access/password-hash.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { retrying } from '../shared/database/pool.ts';
import { requireStanding } from '../shared/database/standing.ts';
import type { Call } from '../shared/handler/call.ts';
import { userIdOf } from '../shared/handler/caller.ts';
import type { Environment } from '../shared/process/environment.ts';
import type { ResetCode, ResetRequest } from './contract.ts';
import { makeCode, plainCode } from './reset-code.ts';

/** As long as it takes somebody who is there in person. */
export const codeMinutes = 15;

/**
 * No idempotency key is kept, since an answer kept for it would hold the code: who asks again gets another, and the one before is void.
 * Not for the teller themselves: with their session alone, a thief of it would get their password (and functions/change-password asks
 * for the present one).
 */
export async function issueCode(
  { users: { db }, now }: Pick<Environment, 'users' | 'now'>,
  { id, remove_passkeys = false }: ResetRequest,
  call: Call,
): Promise<ResetCode> {
  const callerId = userIdOf(call.caller) ?? 0;
  if (callerId === id) throw new Refusal('own_password', 422, 'change your own password, or ask another teller');

  const code = makeCode();
  const reset = {
    code_hash: await hashPassword(plainCode(code)),
    remove_passkeys,
    tries: 0,
    expires_at: new Date(now().getTime() + codeMinutes * 60_000),
  };
  const work = async () =>
    db.transaction().execute(async (trx) => {
      // Both rows in the order of ids, as everybody does who locks two.
      const locked = await trx
        .selectFrom('bank_user')
        .select(['id', 'removed_at'])
        .where('id', 'in', [BigInt(callerId), BigInt(id)])
        .orderBy('id')
        .forShare()
        .execute();
      await requireStanding(trx, call, 'teller');
      if (!locked.some((user) => Number(user.id) === id && user.removed_at === null)) throw notFound('user', id);

      await trx
        .insertInto('password_reset')
        .values({ user_id: BigInt(id), ...reset })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet(reset))
        .execute();
      const details = { remove_passkeys, expires_at: reset.expires_at.toISOString() };
      await recordAudit(trx, { act: 'password_reset.issued', subject: `users/${id}`, details }, call);
    });
  await retrying(work, { what: 'the users database' });
  return { code, expires_at: reset.expires_at.toISOString() };
}
