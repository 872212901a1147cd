// Moves money from one account to another. Next in the story: functions/shared/ledger/post.ts.
import { mayActFor } from '../shared/handler/caller.ts';
import type { Committed } from '../shared/handler/answer.ts';
import { notFound } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { Ledger } from '../shared/ledger/post.ts';
import { parseAmount } from '../shared/contract/money.ts';
import type { Call } from '../shared/handler/call.ts';
import { renderPosted } from '../shared/ledger/render-transaction.ts';
import type { Transaction } from '../shared/contract/transaction.ts';
import { contract, type TransferCommand } from './contract.ts';
import { wordsOf } from '../shared/ledger/posting-words.ts';

export const transferFunction = defineFunction(contract, ({ ledger }) => ({
  routes: { 'POST /transfers': (command, call) => transfer(ledger, command, call) },
  recordRefusal: (refusal, call) => ledger.recordRefusal(refusal, contract.name, call),
}));

export async function transfer(ledger: Ledger, command: TransferCommand, call: Call): Promise<Committed<Transaction>> {
  const account = await ledger.findAccount(command.account_id);
  if (!account || !mayActFor(call.caller, account.user_id))
    throw notFound('account', command.account_id, '/account_id');

  // Whatever is wrong with the payee the ledger says, in as much time whatever it is.
  const posted = await ledger.post(
    {
      type: 'transfer',
      accountId: account.id,
      targetAccountId: command.target_account_id,
      amountMinor: parseAmount(command.amount, account.currency),
      currency: account.currency,
      ...wordsOf(command, call),
    },
    contract.name,
    call,
  );
  return renderPosted(posted, call);
}
