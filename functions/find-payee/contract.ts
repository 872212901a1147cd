// What find-payee promises: the account that a transfer to somebody's e-mail address goes to.
import * as z from 'zod';
import { idSchema } from '../shared/contract/account.ts';
import type { Contract } from '../shared/contract/function.ts';
import { currencySchema } from '../shared/contract/money.ts';
import { emailSchema } from '../shared/contract/user.ts';

export const payee = z.strictObject({
  account_id: idSchema.describe('Their oldest open checking account in this currency, or else their oldest open one.'),
  name: z.string().describe('To recognise them by: the first name and the first letter of the last.'),
  currency: currencySchema,
});
export type Payee = z.infer<typeof payee>;

export const contract = {
  name: 'find-payee',
  summary: 'Finds the account of a person who is to be paid',
  databases: ['ledger'],
  databaseRole: 'payee-finder',
  routes: {
    'GET /payees': {
      summary: 'Find the account that receives a transfer for the person with exactly this e-mail address',
      access: 'signed-in',
      query: z.strictObject({
        email: emailSchema.describe('The whole address, however it is capitalised; a + is sent as %2B.'),
        currency: currencySchema,
      }),
      answer: payee,
      status: 200,
      refusals: ['payee_not_found', 'too_many_attempts'],
      example: {
        command: { email: 'alice@example.com', currency: 'USD' },
        answer: { account_id: 1, name: 'Alice J.', currency: 'USD' },
      },
    },
  },
} as const satisfies Contract;
