// What open-account promises.
import * as z from 'zod';
import { accountExample, accountSchema, accountTypes, idInput, type Account } from '../shared/contract/account.ts';
import type { Contract } from '../shared/contract/function.ts';
import { amountFromZeroSchema, currencySchema } from '../shared/contract/money.ts';

export const openingCommand = z.strictObject({
  user_id: idInput,
  account_type: z.enum(accountTypes),
  balance: amountFromZeroSchema.default('0').describe('Cash paid in at the opening; booked as the first transaction.'),
  currency: currencySchema.default('USD'),
  overdraft_limit: amountFromZeroSchema
    .optional()
    .describe('How far the balance may go below zero; tellers only, 0 by default.'),
});
export type OpeningCommand = z.infer<typeof openingCommand>;

export const contract = {
  name: 'open-account',
  summary: 'Opens an account',
  databases: ['ledger'],
  command: { type: 'com.microbank.account.opening.requested', route: 'POST /accounts' },
  emits: ['com.microbank.account.opened', 'com.microbank.transaction.refused'],
  routes: {
    'POST /accounts': {
      summary: 'Open an account, with an opening balance paid in cash',
      access: 'signed-in',
      body: openingCommand,
      answer: accountSchema,
      status: 201,
      idempotent: true,
      location: (account: Account) => `/accounts/${account.id}`,
      refusals: [
        'user_not_found',
        'amount_invalid',
        'cash_desk_closed',
        'cash_limit_exceeded',
        'forbidden',
        'idempotency_key_reused',
        'request_in_progress',
      ],
      example: { command: { user_id: 2, account_type: 'checking', balance: 1000 }, answer: accountExample },
    },
  },
} as const satisfies Contract;
