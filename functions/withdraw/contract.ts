// What withdraw promises.
import * as z from 'zod';
import { idInput } from '../shared/contract/account.ts';
import type { Contract } from '../shared/contract/function.ts';
import { amountSchema } from '../shared/contract/money.ts';
import { postingWords } from '../shared/contract/posting-words.ts';
import {
  cashRefusals,
  transactionExample,
  transactionSchema,
  type Transaction,
} from '../shared/contract/transaction.ts';

export const withdrawCommand = z.strictObject({ account_id: idInput, amount: amountSchema, ...postingWords });
export type WithdrawCommand = z.infer<typeof withdrawCommand>;

export const contract = {
  name: 'withdraw',
  summary: 'Pays cash out of an account',
  databases: ['ledger'],
  command: { type: 'com.microbank.withdrawal.requested', route: 'POST /withdrawals' },
  emits: ['com.microbank.transaction.completed', 'com.microbank.transaction.refused'],
  routes: {
    'POST /withdrawals': {
      summary: 'Withdraw cash from an account',
      access: 'signed-in',
      body: withdrawCommand,
      answer: transactionSchema,
      status: 201,
      idempotent: true,
      location: (transaction: Transaction) => `/transactions/${transaction.id}`,
      refusals: [...cashRefusals, 'account_frozen', 'insufficient_funds'],
      example: {
        command: { account_id: 1, amount: 20.5 },
        answer: {
          ...transactionExample,
          id: 3,
          type: 'withdrawal',
          amount: 20.5,
          entries: [
            { account_id: 1, amount: -20.5, balance_after: 1479.5 },
            { account_id: -840, amount: 20.5, balance_after: null },
          ],
        },
      },
    },
  },
} as const satisfies Contract;
