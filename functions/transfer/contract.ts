// What transfer promises.
import * as z from 'zod';
import { idInput } from '../shared/contract/account.ts';
import type { Contract } from '../shared/contract/function.ts';
import { amountSchema } from '../shared/contract/money.ts';
import { postingWords } from '../shared/contract/posting-words.ts';
import {
  transferRefusals,
  transactionExample,
  transactionSchema,
  type Transaction,
} from '../shared/contract/transaction.ts';

export const transferCommand = z.strictObject({
  account_id: idInput,
  target_account_id: idInput,
  amount: amountSchema,
  ...postingWords,
});
export type TransferCommand = z.infer<typeof transferCommand>;

export const contract = {
  name: 'transfer',
  summary: 'Moves money from one account to another',
  databases: ['ledger'],
  command: { type: 'com.microbank.transfer.requested', route: 'POST /transfers' },
  emits: ['com.microbank.transaction.completed', 'com.microbank.transaction.refused'],
  routes: {
    'POST /transfers': {
      summary: "Transfer money to another account, which may be anybody's",
      access: 'signed-in',
      body: transferCommand,
      answer: transactionSchema,
      status: 201,
      idempotent: true,
      location: (transaction: Transaction) => `/transactions/${transaction.id}`,
      refusals: transferRefusals,
      example: {
        command: { account_id: 1, target_account_id: 2, amount: 100, description: 'Rent' },
        answer: {
          ...transactionExample,
          id: 4,
          target_account_id: 2,
          type: 'transfer',
          amount: 100,
          description: 'Rent',
          entries: [
            { account_id: 1, amount: -100, balance_after: 1379.5 },
            { account_id: 2, amount: 100, balance_after: null },
          ],
        },
      },
    },
  },
} as const satisfies Contract;
