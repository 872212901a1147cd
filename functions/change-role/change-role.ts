// Changes somebody's role. Next in the story: functions/close-account, which answers for the ledger that a teller is one no longer.
import type { Transaction } from 'kysely';
import { notFound } from '../shared/contract/errors.ts';
import type { User } from '../shared/contract/user.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { commitOnce, type Done } from '../shared/database/commit-once.ts';
import { endSessions } from '../shared/database/sessions.ts';
import { requireStanding } from '../shared/database/standing.ts';
import { holdRole, keepOneTeller } from '../shared/database/tellers.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/database/users-schema.ts';
import { committed, type Committed } from '../shared/handler/answer.ts';
import type { Call } from '../shared/handler/call.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { Environment } from '../shared/process/environment.ts';
import { askFunction } from '../shared/questions/ask.ts';
import { tellerDismissal } from '../shared/questions/teller-dismissal.ts';
import { wakeFunction } from '../shared/questions/wake.ts';
import { contract, type RoleChange } from './contract.ts';

/** Less than a lock and an idle transaction may wait (functions/shared/database/role-limits.ts): 5 s and 15 s. */
const dismissalTimeoutMs = 4_500;
/** Answers for the ledger. */
const ledgerFunction = 'close-account';

export const changeRoleFunction = defineFunction(contract, (environment) => ({
  routes: { 'POST /users/{id}/role': (command, call) => changeRole(environment, command, call) },
}));

/**
 * The ledger is asked last, and before the commit: from its answer on it does nothing for this person that only tellers may do, whatever
 * token they still have. A crash between its answer and our commit leaves a teller who can reverse nothing; changing their role
 * again finishes it. Sessions end with the commit, and with them the role that their tokens name.
 */
export async function changeRole(
  environment: Pick<Environment, 'users' | 'config' | 'voiceOf' | 'ask'>,
  command: RoleChange,
  call: Call,
): Promise<Committed<User>> {
  const { users, ask } = environment;
  await wakeFunction(ask, ledgerFunction);
  const result = await commitOnce(users.db, call.idempotency, async (trx) => {
    const before = await holdRole(trx, command.id, 'to change it');
    await requireStanding(trx, call, 'teller');
    if (before === undefined) throw notFound('user', command.id);
    if (before === 'teller' && command.role !== 'teller') await keepOneTeller(trx, command.id);
    return await commitRole(trx, command, before, call, () => tellLedger(environment, command));
  });
  return committed(result.answer, undefined, result.replayed);
}

async function commitRole(
  trx: Transaction<UsersSchema>,
  { id, role, reason }: RoleChange,
  before: User['role'],
  call: Call,
  tell: () => Promise<void>,
): Promise<Done<User>> {
  const subject = `users/${id}`;
  const row = await trx
    .updateTable('bank_user')
    .set({ role })
    .where('id', '=', BigInt(id))
    .where('removed_at', 'is', null)
    .returning(userColumns)
    .executeTakeFirst();
  if (!row) throw notFound('user', id);
  if (role !== before) {
    await endSessions(trx, id, 'role_changed');
    await recordAudit<UsersSchema>(
      trx,
      { act: 'role.changed', subject, reason, details: { from: before, to: role } },
      call,
    );
  }
  await tell();
  return { answer: toUser(row), subject };
}

async function tellLedger(
  environment: Pick<Environment, 'config' | 'voiceOf'>,
  { id, role }: RoleChange,
): Promise<void> {
  const asking = {
    functionName: ledgerFunction,
    asker: contract.name,
    speaker: 'users' as const,
    timeoutMs: dismissalTimeoutMs,
    what: 'the ledger',
  };
  await askFunction(environment, asking, tellerDismissal, { user_id: id, dismissed: role !== 'teller' });
}
