// What post-transaction promises: the original API's one door for deposits, withdrawals and transfers.
import * as z from 'zod';
import { idSchema } from '../shared/contract/account.ts';
import type { Contract } from '../shared/contract/function.ts';
import { amountSchema } from '../shared/contract/money.ts';
import { postingWords } from '../shared/contract/posting-words.ts';
import {
  postingRefusals,
  transactionExample,
  transactionSchema,
  type Transaction,
} from '../shared/contract/transaction.ts';

export const transactionCommand = z
  .strictObject({
    account_id: idSchema,
    type: z.enum(['deposit', 'withdrawal', 'transfer']),
    amount: amountSchema,
    target_account_id: idSchema.nullish().meta({ description: 'Where a transfer goes; left out otherwise' }),
    ...postingWords,
  })
  .superRefine(({ type, target_account_id }, context) => {
    const hasTarget = target_account_id !== undefined && target_account_id !== null;
    if (hasTarget === (type === 'transfer')) return;
    const message = hasTarget ? `a ${type} has no target_account_id` : 'a transfer needs a target_account_id';
    context.addIssue({ code: 'custom', path: ['target_account_id'], message });
  });
export type TransactionCommand = z.infer<typeof transactionCommand>;

export const contract = {
  name: 'post-transaction',
  summary: 'Deposits, withdraws or transfers, by type',
  databases: ['ledger'],
  command: { type: 'com.microbank.transaction.requested', route: 'POST /transactions' },
  emits: ['com.microbank.transaction.completed', 'com.microbank.transaction.refused'],
  routes: {
    'POST /transactions': {
      summary: 'Deposit, withdraw or transfer, by type',
      access: 'signed-in',
      body: transactionCommand,
      answer: transactionSchema,
      status: 201,
      idempotent: true,
      location: (transaction: Transaction) => `/transactions/${transaction.id}`,
      refusals: [...postingRefusals, 'insufficient_funds', 'same_account', 'currency_mismatch'],
      example: { command: { account_id: 1, type: 'deposit', amount: 500 }, answer: transactionExample },
    },
  },
} as const satisfies Contract;
