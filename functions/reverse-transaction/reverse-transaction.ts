// Undoes a transaction by booking its opposite, once. Next in the story: functions/shared/ledger.ts.
import type { Committed } from '../shared/answer.ts';
import { defineFunction, type Call } from '../shared/function.ts';
import type { Ledger } from '../shared/ledger.ts';
import { renderPosted } from '../shared/render-transaction.ts';
import type { Transaction } from '../shared/transaction-contract.ts';
import { contract, type ReversalCommand } from './contract.ts';

export const reverseTransactionFunction = defineFunction(contract, ({ ledger }) => ({
  routes: { 'POST /transactions/{id}/reversal': (command, call) => reverseTransaction(ledger, command, call) },
  recordRefusal: (refusal, call) => ledger.recordRefusal(refusal, contract.name, call),
}));

export async function reverseTransaction(
  ledger: Ledger,
  command: ReversalCommand,
  call: Call,
): Promise<Committed<Transaction>> {
  const posted = await ledger.post(
    { type: 'reversal', reverses: command.id, description: command.reason ?? undefined },
    contract.name,
    call,
  );
  return renderPosted(posted, call);
}
