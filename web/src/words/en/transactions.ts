// What is said of money that has moved, in English.
import type { TransactionType } from '../../../../functions/shared/contract/transaction.ts';

export const transactions = {
  transactionTypes: {
    opening: 'Opening',
    deposit: 'Deposit',
    withdrawal: 'Withdrawal',
    transfer: 'Transfer',
    reversal: 'Reversal',
    closing: 'Closing',
  } satisfies Record<TransactionType, string>,
  transaction: {
    title: (id: number) => `Transaction ${id}`,
    booked: 'Booked',
    effective: 'Value date',
    entries: 'Entries',
    entriesText: 'Double entry: together they are zero.',
    sum: 'Sum',
    balanceAfter: 'Balance after',
    notYours: 'not yours to see',
    trace: 'Trace',
    reverses: 'Reverses',
    reversedBy: 'Reversed by',
    isReversed: 'Reversed',
    reverse: 'Reverse',
    reverseTitle: 'Reverse this transaction?',
    reverseText: 'A new transaction books the opposite. The original stays in the history, marked as reversed.',
    requestedBy: 'Requested by',
    reasonHint: 'Both sides see it',
    reverseDone: 'The transaction is reversed.',
    cashAccount: (currency: string) => `The bank’s cash in ${currency}`,
    print: 'Print',
  },
};
