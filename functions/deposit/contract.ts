// What deposit promises.
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

export const depositCommand = z.strictObject({ account_id: idInput, amount: amountSchema, ...postingWords });
export type DepositCommand = z.infer<typeof depositCommand>;

export const contract = {
  name: 'deposit',
  summary: 'Puts cash into an account',
  databases: ['ledger'],
  command: { type: 'com.microbank.deposit.requested', route: 'POST /deposits' },
  emits: ['com.microbank.transaction.completed', 'com.microbank.transaction.refused'],
  routes: {
    'POST /deposits': {
      summary: 'Deposit cash into an account',
      access: 'signed-in',
      body: depositCommand,
      answer: transactionSchema,
      status: 201,
      idempotent: true,
      location: (transaction: Transaction) => `/transactions/${transaction.id}`,
      refusals: cashRefusals,
      example: { command: { account_id: 1, amount: 500 }, answer: transactionExample },
    },
  },
} as const satisfies Contract;
