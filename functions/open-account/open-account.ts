// Opens an account; the opening balance is its first transaction. Next in the story: functions/shared/ledger/post.ts.
import { isTeller, mayActFor } from '../shared/handler/caller.ts';
import type { Account } from '../shared/contract/account.ts';
import { committed, type Committed } from '../shared/handler/answer.ts';
import type { Environment } from '../shared/process/environment.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { parseMinor, toUnits } from '../shared/contract/money.ts';
import type { Posting } from '../shared/ledger/posting.ts';
import { contract, type OpeningCommand } from './contract.ts';
import type { Call } from '../shared/handler/call.ts';

export const openAccountFunction = defineFunction(contract, (environment) => ({
  routes: { 'POST /accounts': (command, call) => openAccount(environment, command, call) },
  recordRefusal: (refusal, call) => environment.ledger.recordRefusal(refusal, contract.name, call),
}));

/**
 * Besides its refusals it throws Unavailable when the users cannot be asked. A user who is removed after that is refused by the
 * ledger, which has released them by then: see functions/remove-user/remove-user.ts.
 */
export async function openAccount(
  { ledger, ask }: Pick<Environment, 'ledger' | 'ask'>,
  command: OpeningCommand,
  call: Call,
): Promise<Committed<Account>> {
  const { user_id, account_type, currency, overdraft_limit } = command;
  if (!mayActFor(call.caller, user_id)) throw notFound('user', user_id, '/user_id');
  if (overdraft_limit !== undefined && !isTeller(call.caller)) throw overdraftForbidden();

  const amountMinor = parseMinor(command.balance, currency, '/balance');
  const overdraftLimitMinor = parseMinor(overdraft_limit ?? '0', currency, '/overdraft_limit');
  const posting: Posting | { refusal: Refusal } = (await isUser(ask, user_id, call))
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

async function isUser(ask: Environment['ask'], userId: number, call: Call): Promise<boolean> {
  const { status, body } = await ask('read-users', `/users/${userId}`, call.token);
  await body?.cancel();
  if (status !== 200 && status !== 404) throw new Error(`read-users answered ${status} when asked for a user`);
  return status === 200;
}

function overdraftForbidden(): Refusal {
  const detail = 'only a teller may grant an overdraft_limit; leave it out';
  return new Refusal('forbidden', 403, detail, { errors: [{ pointer: '/overdraft_limit', detail }] });
}
