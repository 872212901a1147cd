// Opens an account; the opening balance is its first transaction. Next in the story: functions/shared/ledger/post.ts.
import type { Kysely } from 'kysely';
import { askFunction } from '../shared/questions/ask.ts';
import { isTeller, mayActFor, userIdOf } from '../shared/handler/caller.ts';
import type { Account } from '../shared/contract/account.ts';
import { committed, type Committed } from '../shared/handler/answer.ts';
import type { Environment } from '../shared/process/environment.ts';
import { retrying } from '../shared/database/pool.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { parseMinor, toUnits } from '../shared/contract/money.ts';
import type { Posting } from '../shared/ledger/posting.ts';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import { userQuestion } from '../shared/questions/user.ts';
import { contract, type OpeningCommand } from './contract.ts';
import type { Call } from '../shared/handler/call.ts';

/** Long enough for a copy of read-users to start, which takes 5 s on a busy cluster. */
const askTimeoutMs = 15_000;

export const openAccountFunction = defineFunction(contract, (environment) => ({
  routes: { 'POST /accounts': (command, call) => openAccount(environment, command, call) },
  recordRefusal: (refusal, call) => environment.ledger.recordRefusal(refusal, contract.name, call),
}));

/**
 * Besides its refusals it throws Unavailable when the users have to be asked and cannot be. Whoever was a user once and is removed
 * by now is refused by the ledger, which has released them: see functions/remove-user/remove-user.ts.
 */
export async function openAccount(
  environment: Pick<Environment, 'ledger' | 'ledgerDatabase' | 'config' | 'voiceOf'>,
  command: OpeningCommand,
  call: Call,
): Promise<Committed<Account>> {
  const { ledger } = environment;
  const { user_id, account_type, currency, overdraft_limit } = command;
  if (!mayActFor(call.caller, user_id)) throw notFound('user', user_id, '/user_id');
  if (overdraft_limit !== undefined && !isTeller(call.caller)) throw overdraftForbidden();

  const amountMinor = parseMinor(command.balance, currency, '/balance');
  const overdraftLimitMinor = parseMinor(overdraft_limit ?? '0', currency, '/overdraft_limit');
  const posting: Posting | { refusal: Refusal } = (await wasUser(environment, user_id, call))
    ? { type: 'opening', userId: user_id, accountType: account_type, overdraftLimitMinor, currency, amountMinor }
    : // Through the ledger as well: a key that it knows has its answer already, although the user is gone by now.
      { refusal: notFound('user', user_id, '/user_id') };
  const posted = await ledger.post(posting, contract.name, call);

  // Only facts of the commit and of the command: a replay has the same body although the balance has moved on.
  const account: Account = {
    id: posted.facts.account_id,
    user_id,
    account_type,
    currency,
    balance: toUnits(amountMinor, currency),
    available_balance: toUnits(amountMinor + overdraftLimitMinor, currency),
    overdraft_limit: toUnits(overdraftLimitMinor, currency),
    status: 'open',
    version: 1,
    opened_at: posted.facts.booked_at,
    closed_at: null,
  };
  return committed(account, posted.event, posted.replayed);
}

/**
 * Whether this person is a user, or was one. Another function is woken only where nothing nearer knows: the token says it of the
 * person who signed in, and an account of whoever has one.
 */
async function wasUser(
  environment: Pick<Environment, 'ledgerDatabase' | 'config' | 'voiceOf'>,
  userId: number,
  { caller }: Call,
): Promise<boolean> {
  if (userIdOf(caller) === userId || (await hasHadAccount(environment.ledgerDatabase.db, userId))) return true;
  const asking = {
    functionName: 'read-users',
    asker: contract.name,
    speaker: 'ledger',
    timeoutMs: askTimeoutMs,
    what: 'the user list',
  } as const;
  return (await askFunction(environment, asking, userQuestion, { user_id: userId })).is_user;
}

async function hasHadAccount(db: Kysely<LedgerSchema>, userId: number): Promise<boolean> {
  const query = db.selectFrom('account').select('id').where('user_id', '=', BigInt(userId)).limit(1);
  return (await retrying(() => query.executeTakeFirst(), { what: 'the ledger' })) !== undefined;
}

function overdraftForbidden(): Refusal {
  const detail = 'only a teller may grant an overdraft_limit; leave it out';
  return new Refusal('forbidden', 403, detail, { errors: [{ pointer: '/overdraft_limit', detail }] });
}
