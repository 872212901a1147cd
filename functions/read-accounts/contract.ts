// What read-accounts promises: accounts as they are, as they were at any moment, and day by day, each alone or together.
import * as z from 'zod';
import { accountEtag, accountExample, accountSchema } from '../shared/contract/account.ts';
import type { Contract } from '../shared/contract/function.ts';
import { currencySchema, totalSchema } from '../shared/contract/money.ts';
import { idParam, isOfThisAge, momentParam, pageQuery, yearsPattern } from '../shared/contract/paging.ts';

/** More days are asked for in parts. */
export const mostDays = 366;
export const daysByDefault = 90;

const dateParam = z.iso
  .date({ error: 'is not a date such as 2026-11-23', abort: true })
  .refine(isOfThisAge, 'is not a date between the years 1970 and 8999')
  .meta({ pattern: yearsPattern });

export const daySchema = z.strictObject({
  date: z.iso.date().describe('From midnight to midnight in UTC, by when it was booked.'),
  balance: totalSchema.describe('When the day ended; today: up to now. 0 on days before there was an account.'),
  total_in: totalSchema,
  total_out: totalSchema.describe('A positive number: the balance of the day before + in - out = balance.'),
  transactions: z.int().nonnegative().describe('How many, an opening and a closing included.'),
});
export type Day = z.infer<typeof daySchema>;

const daysAnswer = z.array(daySchema).max(mostDays);
const periodQuery = {
  from: dateParam
    .optional()
    .describe(`The first day (UTC); by default the last ${daysByDefault} days. Not after today.`),
  to: dateParam.optional().describe('The last day (UTC), included; by default today. Days after today are left out.'),
};
const periodExample = { from: '2026-11-22', to: '2026-11-23' };
const daysExample: Day[] = [
  { date: '2026-11-22', balance: 0, total_in: 0, total_out: 0, transactions: 0 },
  { date: '2026-11-23', balance: 1500, total_in: 1500, total_out: 0, transactions: 2 },
];

export const contract = {
  name: 'read-accounts',
  summary: 'Shows accounts and their balances',
  databases: ['ledger'],
  databaseRole: 'reader',
  instead: {
    'PUT /accounts/{id}': 'a balance changes only by transactions: POST /transactions',
    'PATCH /accounts/{id}': 'a balance changes only by transactions: POST /transactions',
  },
  routes: {
    'GET /accounts': {
      summary: 'List accounts in the order they were opened: a customer their own, a teller all',
      access: 'signed-in',
      query: z.strictObject({
        ...pageQuery,
        user_id: idParam.optional().describe('Only those of this person.'),
        status: z
          .enum(['open', 'frozen', 'closed'])
          .optional()
          .describe('Only those; open ones are all that are not closed, frozen ones included.'),
      }),
      answer: z.array(accountSchema),
      status: 200,
      refusals: ['user_not_found'],
      example: { command: { status: 'open' }, answer: [accountExample] },
    },
    'GET /accounts/days': {
      summary: `Show a person's accounts in one currency together, closed ones included, day by day, oldest first, on at most ${mostDays} days; what moved between them is neither in nor out`,
      access: 'signed-in',
      query: z.strictObject({
        currency: currencySchema,
        user_id: idParam.optional().describe('Whose: oneself by default; tellers may name anyone.'),
        ...periodQuery,
      }),
      answer: daysAnswer,
      status: 200,
      refusals: ['user_not_found', 'period_too_long'],
      example: { command: { currency: 'USD', ...periodExample }, answer: daysExample },
    },
    'GET /accounts/{id}': {
      summary: 'Show one account, now or as of a moment',
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      query: z.strictObject({
        as_of: momentParam.optional().describe('Balance and version as they were at this moment (RFC 3339).'),
      }),
      answer: accountSchema,
      status: 200,
      etag: accountEtag,
      refusals: ['account_not_found'],
      example: { command: { id: 1 }, answer: accountExample },
    },
    'GET /accounts/{id}/days': {
      summary: `Show one account day by day, oldest first: its closing balances and what went in and out, on at most ${mostDays} days`,
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      query: z.strictObject(periodQuery),
      answer: daysAnswer,
      status: 200,
      refusals: ['account_not_found', 'period_too_long'],
      example: { command: { id: 1, ...periodExample }, answer: daysExample },
    },
  },
} as const satisfies Contract;
