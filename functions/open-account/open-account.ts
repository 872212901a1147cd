// Opens an account; the opening balance is its first transaction. Next in the story: functions/shared/ledger.ts.
import { isTeller, mayActFor } from '../shared/access.ts';
import type { Account } from '../shared/account-contract.ts';
import { committed, type Committed } from '../shared/answer.ts';
import type { Environment } from '../shared/environment.ts';
import { notFound, Refusal } from '../shared/errors.ts';
import { defineFunction, type Call } from '../shared/function.ts';
import { parseMinor, toUnits } from '../shared/money.ts';
import type { Posted } from '../shared/posting.ts';
import { contract, type OpeningCommand } from './contract.ts';

export const openAccountFunction = defineFunction(contract, (environment) => ({
  routes: { 'POST /accounts': (command, call) => openAccount(environment, command, call) },
  recordRefusal: (refusal, call) => environment.ledger.recordRefusal(refusal, contract.name, call),
}));

/** Besides its refusals it throws Unavailable when the users cannot be asked. */
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
  await requireUser(ask, user_id, call);
  const posted = await ledger.post(
    { type: 'opening', userId: user_id, accountType: account_type, overdraftLimitMinor, currency, amountMinor },
    contract.name,
    call,
  );
  if (!posted.replayed) await closeIfUserLeft({ ledger, ask }, posted, user_id, amountMinor, call);

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

async function requireUser(ask: Environment['ask'], userId: number, call: Call): Promise<void> {
  const { status } = await ask('read-users', `/users/${userId}`, call.token);
  if (status === 404) throw notFound('user', userId, '/user_id');
  if (status !== 200) throw new Error(`read-users answered ${status} when asked for a user`);
}

/**
 * remove-user marks the user first and asks for open accounts after that. So either it sees this account, or this second
 * look sees the mark: nobody who is gone is left with an open account.
 */
async function closeIfUserLeft(
  { ledger, ask }: Pick<Environment, 'ledger' | 'ask'>,
  { facts: { account_id, currency } }: Posted,
  userId: number,
  amountMinor: bigint,
  call: Call,
): Promise<void> {
  try {
    await requireUser(ask, userId, call);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const under = (step: string): Call => ({
      ...call,
      idempotency: { ...call.idempotency, key: `${call.idempotency.key} ${step}` },
    });
    if (amountMinor > 0n) {
      const payout = {
        type: 'withdrawal',
        accountId: account_id,
        amountMinor,
        currency,
        description: 'Opening undone',
      } as const;
      await ledger.post(payout, contract.name, under('payout'));
    }
    await ledger.post({ type: 'closing', accountId: account_id, currency }, contract.name, under('closing'));
    throw error;
  }
}

function overdraftForbidden(): Refusal {
  const detail = 'only a teller may grant an overdraft_limit; leave it out';
  return new Refusal('forbidden', 403, detail, { errors: [{ pointer: '/overdraft_limit', detail }] });
}
