// One door for deposits, withdrawals and transfers. Next in the story: functions/deposit/deposit.ts.
import { deposit } from '../deposit/deposit.ts';
import type { Committed } from '../shared/handler/answer.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { Ledger } from '../shared/ledger/post.ts';
import type { Transaction } from '../shared/contract/transaction.ts';
import { transfer } from '../transfer/transfer.ts';
import { withdraw } from '../withdraw/withdraw.ts';
import { contract, type TransactionCommand } from './contract.ts';
import type { Call } from '../shared/handler/call.ts';

export const postTransactionFunction = defineFunction(contract, ({ ledger }) => ({
  routes: { 'POST /transactions': (command, call) => postTransaction(ledger, command, call) },
  recordRefusal: (refusal, call) => ledger.recordRefusal(refusal, contract.name, call),
}));

export async function postTransaction(
  ledger: Ledger,
  { type, target_account_id, ...command }: TransactionCommand,
  call: Call,
): Promise<Committed<Transaction>> {
  switch (type) {
    case 'deposit':
      return await deposit(ledger, command, call);
    case 'withdrawal':
      return await withdraw(ledger, command, call);
    case 'transfer':
      // The contract refuses a transfer without a target, so this is a number here.
      return await transfer(ledger, { ...command, target_account_id: target_account_id ?? 0 }, call);
  }
}
