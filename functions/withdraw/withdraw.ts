// Pays cash out of an account, never below its limit. Next in the story: functions/shared/ledger.ts.
import { mayActFor } from '../shared/access.ts';
import type { Committed } from '../shared/answer.ts';
import { notFound } from '../shared/errors.ts';
import { defineFunction, type Call } from '../shared/function.ts';
import type { Ledger } from '../shared/ledger.ts';
import { parseAmount } from '../shared/money.ts';
import { wordsOf } from '../shared/posting-contract.ts';
import { renderPosted } from '../shared/render-transaction.ts';
import type { Transaction } from '../shared/transaction-contract.ts';
import { contract, type WithdrawCommand } from './contract.ts';

export const withdrawFunction = defineFunction(contract, ({ ledger }) => ({
  routes: { 'POST /withdrawals': (command, call) => withdraw(ledger, command, call) },
  recordRefusal: (refusal, call) => ledger.recordRefusal(refusal, contract.name, call),
}));

export async function withdraw(ledger: Ledger, command: WithdrawCommand, call: Call): Promise<Committed<Transaction>> {
  const account = await ledger.findAccount(command.account_id);
  if (!account || !mayActFor(call.caller, account.user_id))
    throw notFound('account', command.account_id, '/account_id');

  const posted = await ledger.post(
    {
      type: 'withdrawal',
      accountId: account.id,
      amountMinor: parseAmount(command.amount, account.currency),
      currency: account.currency,
      ...wordsOf(command, call),
    },
    contract.name,
    call,
  );
  return renderPosted(posted, call);
}
