// What reverse-transaction promises: the only way to undo a transaction, once.
import * as z from 'zod';
import type { Contract } from '../shared/contract/function.ts';
import { idParam } from '../shared/contract/paging.ts';
import { postingWords } from '../shared/contract/posting-words.ts';
import {
  postingRefusals,
  transactionExample,
  transactionSchema,
  type Transaction,
} from '../shared/contract/transaction.ts';

const params = z.strictObject({ id: idParam });
export const reversalCommand = z.strictObject({
  reason: postingWords.description.meta({ description: 'Becomes the description of the reversal' }),
});
export type ReversalCommand = z.infer<typeof params> & z.infer<typeof reversalCommand>;

export const contract = {
  name: 'reverse-transaction',
  summary: 'Undoes a transaction by booking its opposite',
  databases: ['ledger'],
  command: { type: 'com.microbank.reversal.requested', route: 'POST /transactions/{id}/reversal' },
  emits: ['com.microbank.transaction.completed', 'com.microbank.transaction.refused'],
  routes: {
    'POST /transactions/{id}/reversal': {
      summary: 'Reverse a deposit, withdrawal or transfer, once',
      access: 'teller',
      params,
      body: reversalCommand,
      answer: transactionSchema,
      status: 201,
      idempotent: true,
      location: (transaction: Transaction) => `/transactions/${transaction.id}`,
      refusals: [
        ...postingRefusals,
        'transaction_not_found',
        'already_reversed',
        'not_reversible',
        'insufficient_funds',
      ],
      example: {
        command: { id: 2, reason: 'Booked twice' },
        answer: {
          ...transactionExample,
          id: 5,
          type: 'reversal',
          description: 'Booked twice',
          reverses: 2,
          entries: [
            { account_id: 1, amount: -500, balance_after: 1000 },
            { account_id: -840, amount: 500, balance_after: null },
          ],
        },
      },
    },
  },
} as const satisfies Contract;
