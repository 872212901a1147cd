// What read-statement promises: what went in and out of an account in a period, with its balance before and after.
import * as z from 'zod';
import { idSchema } from '../shared/contract/account.ts';
import type { Contract } from '../shared/contract/function.ts';
import { currencySchema, moneySchema } from '../shared/contract/money.ts';
import { idParam, momentText } from '../shared/contract/paging.ts';
import { transactionTypes } from '../shared/contract/transaction.ts';

/** A longer statement is asked for in parts. */
export const mostDays = 366;
export const mostLines = 10_000;

const moment = z.iso.datetime({ offset: true });
const date = z.union(
  [z.iso.date(), momentText],
  'is neither a date (2026-11-01) nor a date-time (2026-11-01T00:00:00Z; a + is sent as %2B)',
);

export const statementLine = z.strictObject({
  transaction_id: idSchema,
  timestamp: moment.describe('When it was booked; lines are in this order, oldest first.'),
  effective_at: moment.describe('The value date.'),
  type: z.enum(transactionTypes),
  description: z.string().nullable(),
  counterparty_account_id: idSchema.nullable().describe("The other customer's account; null for cash."),
  amount: moneySchema.describe('Signed: what came in is positive.'),
  balance_after: moneySchema,
});
export type StatementLine = z.infer<typeof statementLine>;

export const statement = z.strictObject({
  account_id: idSchema,
  user_id: idSchema,
  currency: currencySchema,
  from: moment.describe('First moment of the period.'),
  to: moment.describe('End of the period; what was booked at this very moment is not in it.'),
  opening_balance: moneySchema,
  closing_balance: moneySchema,
  total_in: moneySchema,
  total_out: moneySchema.describe('A positive number: opening + in - out = closing.'),
  entries: z.array(statementLine).max(mostLines),
});
export type Statement = z.infer<typeof statement>;

export const statementExample: Statement = {
  account_id: 1,
  user_id: 2,
  currency: 'USD',
  from: '2026-11-01T00:00:00.000000Z',
  to: '2026-12-01T00:00:00.000000Z',
  opening_balance: 0,
  closing_balance: 1500,
  total_in: 1500,
  total_out: 0,
  entries: [
    {
      transaction_id: 1,
      timestamp: '2026-11-23T08:00:00.000000Z',
      effective_at: '2026-11-23T08:00:00.000000Z',
      type: 'opening',
      description: null,
      counterparty_account_id: null,
      amount: 1000,
      balance_after: 1000,
    },
    {
      transaction_id: 2,
      timestamp: '2026-11-23T08:00:01.000000Z',
      effective_at: '2026-11-23T08:00:01.000000Z',
      type: 'deposit',
      description: null,
      counterparty_account_id: null,
      amount: 500,
      balance_after: 1500,
    },
  ],
};

export const contract = {
  name: 'read-statement',
  summary: 'Statements of an account, as JSON and as CSV.',
  databases: ['ledger'],
  databaseRole: 'reader',
  routes: {
    'GET /accounts/{id}/statement': {
      summary: `What was booked on an account in a period of at most ${mostDays} days, as JSON or (by \`Accept\` or \`format\`) as CSV.`,
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      query: z.strictObject({
        from: date
          .optional()
          .describe('A day (UTC) or the first moment; by default the first day of the month in which the period ends.'),
        to: date
          .optional()
          .describe('A day (UTC, included) or the moment before which the period ends; by default now.'),
        format: z.enum(['json', 'csv']).optional().describe('Wins over `Accept`.'),
      }),
      answer: statement,
      status: 200,
      alsoProduces: ['text/csv'],
      refusals: ['account_not_found', 'period_too_long'],
      example: { command: { id: 1, from: '2026-11-01', to: '2026-11-30' }, answer: statementExample },
    },
  },
} as const satisfies Contract;
