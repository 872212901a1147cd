// What read-statement promises: what went in and out of an account in a period, with its balance before and after.
import * as z from 'zod';
import { accountTypes, idSchema } from '../shared/contract/account.ts';
import type { Contract } from '../shared/contract/function.ts';
import { currencySchema, moneySchema, totalSchema } from '../shared/contract/money.ts';
import { idParam, momentPattern, momentText, yearsPattern } from '../shared/contract/paging.ts';
import { transactionTypes } from '../shared/contract/transaction.ts';

/** A longer statement is asked for in parts. */
export const mostDays = 366;
export const mostLines = 10_000;

const moment = z.iso.datetime({ offset: true });
const date = z.union(
  [z.iso.date().meta({ pattern: yearsPattern }), momentText.meta({ pattern: momentPattern })],
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
  account_type: z.enum(accountTypes),
  user_id: idSchema,
  currency: currencySchema,
  from: moment.describe('First moment of the period.'),
  to: moment.describe('End of the period; what was booked at this very moment is not in it.'),
  opening_balance: moneySchema,
  closing_balance: moneySchema,
  total_in: totalSchema,
  total_out: totalSchema.describe('A positive number: opening + in - out = closing.'),
  entries: z.array(statementLine).max(mostLines),
});
export type Statement = z.infer<typeof statement>;

export const statementExample: Statement = {
  account_id: 1,
  account_type: 'checking',
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

/** What a statement can be had as, and the media type that asks for it. */
export const mediaTypes = {
  json: 'application/json',
  csv: 'text/csv',
  ofx: 'application/x-ofx',
  'camt.053': 'application/xml',
  qif: 'application/x-qif',
} as const;
export type StatementFormat = keyof typeof mediaTypes;
const formats = Object.keys(mediaTypes) as [StatementFormat, ...StatementFormat[]];

/**
 * How a CSV file separates its cells and writes its decimals. `plain` is for programs: commas, points, no byte order mark, and so it
 * stays. The others are for spreadsheets, which take the separator of where their reader is, and need the mark to see UTF-8.
 */
export const csvStyles = ['plain', 'comma-point', 'semicolon-comma', 'semicolon-point'] as const;
export type CsvStyle = (typeof csvStyles)[number];

export const contract = {
  name: 'read-statement',
  summary: 'Statements of an account, as JSON and as files: CSV, OFX, camt.053, QIF.',
  databases: ['ledger'],
  databaseRole: 'reader',
  routes: {
    'GET /accounts/{id}/statement': {
      summary: `What was booked on an account in a period of at most ${mostDays} days, as JSON or (by \`Accept\` or \`format\`) as a file: CSV, OFX 2.2, ISO 20022 camt.053.001.08 or QIF.`,
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      query: z.strictObject({
        from: date
          .optional()
          .describe('A day (UTC) or the first moment; by default the first day of the month in which the period ends.'),
        to: date
          .optional()
          .describe('A day (UTC, included) or the moment before which the period ends; by default now.'),
        format: z.enum(formats).optional().describe('Wins over `Accept`.'),
        csv_style: z
          .enum(csvStyles)
          .default('plain')
          .describe(
            'Of a CSV file: between its cells, and in its numbers. All but `plain` begin with a byte order mark.',
          ),
      }),
      answer: statement,
      status: 200,
      alsoProduces: Object.values(mediaTypes).slice(1),
      refusals: ['account_not_found', 'period_too_long'],
      example: { command: { id: 1, from: '2026-11-01', to: '2026-11-30' }, answer: statementExample },
    },
  },
} as const satisfies Contract;
