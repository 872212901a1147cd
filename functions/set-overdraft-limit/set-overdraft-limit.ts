// Changes how far an account may go below zero. Next in the story: functions/shared/ledger/change-account.ts.
import type { Account } from '../shared/contract/account.ts';
import { notFound } from '../shared/contract/errors.ts';
import { parseMinor } from '../shared/contract/money.ts';
import type { Committed } from '../shared/handler/answer.ts';
import type { Call } from '../shared/handler/call.ts';
import { changeAccount } from '../shared/ledger/change-account.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { Environment } from '../shared/process/environment.ts';
import { contract, type OverdraftLimitCommand } from './contract.ts';

export const setOverdraftLimitFunction = defineFunction(contract, (environment) => ({
  routes: { 'POST /accounts/{id}/overdraft-limit': (command, call) => setOverdraftLimit(environment, command, call) },
}));

export async function setOverdraftLimit(
  { ledger, ledgerDatabase }: Pick<Environment, 'ledger' | 'ledgerDatabase'>,
  { id, overdraft_limit, reason }: OverdraftLimitCommand,
  call: Call,
): Promise<Committed<Account>> {
  const account = await ledger.findAccount(id);
  if (!account) throw notFound('account', id);
  const overdraftLimitMinor = parseMinor(overdraft_limit, account.currency, '/overdraft_limit');
  return changeAccount(ledgerDatabase.pool, { type: 'overdraft', accountId: id, overdraftLimitMinor, reason }, call);
}
