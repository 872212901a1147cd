// Removes a user without open accounts. Next in the story: functions/close-account, which answers whether there are any.
import { sql, type Transaction } from 'kysely';
import { userRemoved } from '../../eventing/events/user-removed.ts';
import { recordEvent } from '../../eventing/outbox/record.ts';
import { mayActFor } from '../shared/handler/caller.ts';
import type { Committed } from '../shared/handler/answer.ts';
import { askFunction } from '../shared/questions/ask.ts';
import { commitOnce, eraseAnswers, type Done } from '../shared/database/commit-once.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { endSessions, forgetDevices } from '../shared/database/sessions.ts';
import { requireStanding } from '../shared/database/standing.ts';
import { holdRole, keepOneTeller } from '../shared/database/tellers.ts';
import { eraseCredentials } from '../shared/database/erase-credentials.ts';
import type { Environment } from '../shared/process/environment.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { wakeFunction } from '../shared/questions/wake.ts';
import { userRelease } from '../shared/questions/user-release.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';
import { contract } from './contract.ts';
import type { Call } from '../shared/handler/call.ts';

/** Less than a lock and an idle transaction may wait (functions/shared/database/role-limits.ts): 5 s and 15 s. */
const releaseTimeoutMs = 4_500;
/** Answers for the ledger. */
const ledgerFunction = 'close-account';

export const removeUserFunction = defineFunction(contract, (environment) => ({
  routes: {
    'DELETE /users/{id}': ({ id }, call) => removeUser(environment, id, call),
  },
}));

/**
 * Removes the user, erases their personal data and tells it as `user.removed`. Throws Unavailable when the ledger gives no answer.
 *
 * The ledger decides: asked last, it releases a user without open accounts and opens none for them afterwards. A crash between
 * its answer and our commit leaves a user who is there but can open no account; removing them again finishes it.
 */
export async function removeUser(
  environment: Pick<Environment, 'users' | 'handOver' | 'config' | 'voiceOf' | 'ask'>,
  id: number,
  call: Pick<Call, 'caller' | 'sessionId' | 'idempotency' | 'traceparent'>,
): Promise<Committed<undefined>> {
  if (!mayActFor(call.caller, id)) throw notFound('user', id);

  const { users, handOver, ask } = environment;
  await wakeFunction(ask, ledgerFunction);
  const result = await commitOnce(users.db, call.idempotency, async (trx) => {
    const role = await holdRole(trx, id, 'to remove them');
    // Where the caller removes themselves as well: a token may outlive its session by seconds, this must not.
    await requireStanding(trx, call);
    if (role === 'teller') await keepOneTeller(trx, id);
    const done = await erase(trx, id, call);
    // The transaction waits meanwhile, for a bounded time: it holds this user's row, which only another removal waits for (readers
    // don't), and the ledger never asks for users, so nothing waits in a circle.
    if ((await release(environment, id)) > 0)
      throw new Refusal('user_has_open_accounts', 409, `user ${id} has open accounts; close them first`);
    return done;
  });
  if (result.event && !result.replayed) handOver.push('users', result.event);
  return result;
}

async function erase(
  trx: Transaction<UsersSchema>,
  id: number,
  call: Pick<Call, 'caller' | 'sessionId' | 'traceparent'>,
): Promise<Done<undefined>> {
  const removed = await trx
    .updateTable('bank_user')
    .set({
      name: null,
      email: null,
      phone: null,
      password_hash: null,
      removed_at: sql<Date>`clock_timestamp()`,
      version: sql<bigint>`version + 1`,
    })
    .where('id', '=', BigInt(id))
    .where('removed_at', 'is', null)
    .returning(['removed_at', 'version'])
    .executeTakeFirst();
  if (!removed?.removed_at) throw notFound('user', id);

  const subject = `users/${id}`;
  await eraseAnswers(trx, subject);
  await endSessions(trx, id, 'user_removed');
  await forgetDevices(trx, id);
  await recordAudit<UsersSchema>(trx, { act: 'user.removed', subject }, call);
  await eraseCredentials(trx, id);
  const event = await recordEvent(trx, userRemoved, {
    source: `/microbank/${contract.name}`,
    subject,
    time: removed.removed_at,
    data: { user_id: id, removed_at: removed.removed_at.toISOString() },
    partitionkey: subject,
    sequence: removed.version,
    traceparent: call.traceparent,
  });
  return { answer: undefined, event };
}

/** The number of the user's open accounts; 0 says that the ledger has released them. */
async function release(environment: Pick<Environment, 'config' | 'voiceOf'>, id: number): Promise<number> {
  const asking = {
    functionName: ledgerFunction,
    asker: contract.name,
    speaker: 'users',
    timeoutMs: releaseTimeoutMs,
    what: 'the ledger',
  } as const;
  return (await askFunction(environment, asking, userRelease, { user_id: id })).open_accounts;
}
