// A transaction told from one side: from one account, from all accounts of a person, or from the other end.
import { expect, test } from 'vitest';
import { transactionExample, type Transaction } from '../../../functions/shared/contract/transaction.ts';
import { en } from '../words/en.ts';
import { viewTransaction, type TransactionView } from './view-transaction.ts';

/** 30 dollars from account 1 to account 5. */
const transfer: Transaction = {
  ...transactionExample,
  type: 'transfer',
  account_id: 1,
  target_account_id: 5,
  amount: 30,
  entries: [
    { account_id: 1, amount: -30, balance_after: 70 },
    { account_id: 5, amount: 30, balance_after: 130 },
  ],
};
const undone: Transaction = {
  ...transfer,
  type: 'reversal',
  description: 'Paid twice',
  entries: transfer.entries.map((entry) => ({ ...entry, amount: -entry.amount })),
};
const withdrawal: Transaction = {
  ...transactionExample,
  type: 'withdrawal',
  amount: 0.3,
  entries: [
    { account_id: 1, amount: -0.3, balance_after: 0.1 },
    { account_id: -840, amount: 0.3, balance_after: null },
  ],
};

test.each<[what: string, Transaction, from: number[], TransactionView]>([
  [
    'a transfer, by its sender',
    transfer,
    [1],
    { direction: 'out', amount: -30, balanceAfter: 70, title: 'Transfer', detail: 'Account 5' },
  ],
  [
    'a transfer, by its receiver',
    { ...transfer, description: 'Rent' },
    [5],
    { direction: 'in', amount: 30, balanceAfter: 130, title: 'Rent', detail: 'Transfer · Account 1' },
  ],
  [
    'a transfer between own accounts',
    transfer,
    [1, 5, 6],
    { direction: 'within', amount: 30, balanceAfter: null, title: 'Transfer', detail: undefined },
  ],
  [
    'cash that was deposited',
    transactionExample,
    [1],
    { direction: 'in', amount: 500, balanceAfter: 1500, title: 'Deposit', detail: 'Cash' },
  ],
  [
    'cash that was withdrawn',
    withdrawal,
    [1],
    { direction: 'out', amount: -0.3, balanceAfter: 0.1, title: 'Withdrawal', detail: 'Cash' },
  ],
  [
    'a reversal, by the one who gets the money back',
    undone,
    [1],
    { direction: 'undo', amount: 30, balanceAfter: 70, title: 'Paid twice', detail: 'Reversal · Account 5' },
  ],
  [
    'a reversal, by the one who gives it back',
    undone,
    [5],
    { direction: 'undo', amount: -30, balanceAfter: 130, title: 'Paid twice', detail: 'Reversal · Account 1' },
  ],
])('%s, says what came or went, what for, and who was on the other side', (_, transaction, from, view) => {
  expect(viewTransaction(transaction, new Set(from), en)).toEqual(view);
});
