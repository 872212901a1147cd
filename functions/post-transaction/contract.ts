// What post-transaction promises: the original API's one door for deposits, withdrawals and transfers.
import * as z from 'zod';
import { idInput } from '../shared/contract/account.ts';
import type { Contract } from '../shared/contract/function.ts';
import { amountSchema } from '../shared/contract/money.ts';
import { postingWords } from '../shared/contract/posting-words.ts';
import {
  cashRefusals,
  transferRefusals,
  transactionExample,
  transactionSchema,
  type Transaction,
} from '../shared/contract/transaction.ts';

/** The original's word; here the type is named as in every other place. */
const originalWithdraw = z
  .literal('withdraw')
  .transform(() => 'withdrawal' as const)
  .meta({ deprecated: true, description: 'As `withdrawal`, for clients of the original' });

export const transactionCommand = z
  .strictObject({
    account_id: idInput,
    type: z.union(
      [z.enum(['deposit', 'withdrawal', 'transfer']), originalWithdraw],
      'must be deposit, withdrawal or transfer',
    ),
    amount: amountSchema,
    target_account_id: idInput.nullish().meta({
      description: 'Where a transfer goes. Of no meaning otherwise: forms of the original send what was left in them',
    }),
    ...postingWords,
  })
  .superRefine(({ type, target_account_id }, context) => {
    if (type !== 'transfer' || (target_account_id !== undefined && target_account_id !== null)) return;
    context.addIssue({ code: 'custom', path: ['target_account_id'], message: 'a transfer needs a target_account_id' });
  })
  // The same for who reads the schema.
  .meta({
    anyOf: [
      { properties: { type: { enum: ['deposit', 'withdrawal', 'withdraw'] } } },
      { properties: { target_account_id: { not: { type: 'null' } } }, required: ['target_account_id'] },
    ],
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
      refusals: [...cashRefusals, ...transferRefusals],
      example: { command: { account_id: 1, type: 'deposit', amount: 500 }, answer: transactionExample },
    },
  },
} as const satisfies Contract;
