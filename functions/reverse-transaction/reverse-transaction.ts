// Undoes a transaction by booking its opposite, once. Next in the story: functions/shared/ledger/post.ts.
import type { Committed } from '../shared/handler/answer.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { Ledger } from '../shared/ledger/post.ts';
import { wordsOf } from '../shared/ledger/posting-words.ts';
import { renderPosted } from '../shared/ledger/render-transaction.ts';
import type { Transaction } from '../shared/contract/transaction.ts';
import { contract, type ReversalCommand } from './contract.ts';
import type { Call } from '../shared/handler/call.ts';

export const reverseTransactionFunction = defineFunction(contract, ({ ledger }) => ({
  routes: { 'POST /transactions/{id}/reversal': (command, call) => reverseTransaction(ledger, command, call) },
  recordRefusal: (refusal, call) => ledger.recordRefusal(refusal, contract.name, call),
}));

export async function reverseTransaction(
  ledger: Ledger,
  command: ReversalCommand,
  call: Call,
): Promise<Committed<Transaction>> {
  const { description } = wordsOf({ description: command.reason }, call);
  const posted = await ledger.post({ type: 'reversal', reverses: command.id, description }, contract.name, call);
  return renderPosted(posted, call);
}
