// A transaction and its entries as the API shows them, and the codes with which the ledger refuses one.
import * as z from 'zod';
import { idSchema } from './account.ts';
import { currencySchema, moneySchema } from './money.ts';

export const transactionTypes = ['opening', 'deposit', 'withdrawal', 'transfer', 'reversal', 'closing'] as const;
export type TransactionType = (typeof transactionTypes)[number];

const timestampSchema = z.iso.datetime({ offset: true }).meta({ example: '2026-11-23T08:00:00.000000Z' });

const entrySchema = z.strictObject({
  account_id: z
    .int()
    .meta({ description: "Negative ids are the bank's own accounts: cash is minus the ISO 4217 number" }),
  amount: moneySchema.meta({ description: 'Signed: the entries of a transaction sum to zero' }),
  balance_after: moneySchema.nullable().meta({ description: 'Null where the account is not yours' }),
});
export type Entry = z.infer<typeof entrySchema>;

export const transactionSchema = z.strictObject({
  id: idSchema,
  account_id: idSchema,
  target_account_id: idSchema.nullable(),
  type: z.enum(transactionTypes),
  amount: moneySchema,
  currency: currencySchema,
  description: z.string().nullable(),
  reverses: idSchema.nullable().meta({ description: 'The transaction that this one undoes' }),
  reversed_by: idSchema.nullable().meta({ description: 'The reversal that undid this transaction' }),
  requested_by: idSchema
    .nullable()
    .meta({ description: 'Who asked for it; null where that is somebody else, unless a teller asks' }),
  entries: z.array(entrySchema).min(2),
  timestamp: timestampSchema.meta({ description: 'When it was booked' }),
  effective_at: timestampSchema.meta({ description: 'The value date' }),
  trace_id: z.string(),
});
export type Transaction = z.infer<typeof transactionSchema>;

/** Refusals that any posting can meet. */
export const postingRefusals = [
  'account_not_found',
  'account_closed',
  'amount_invalid',
  'balance_limit_exceeded',
  'idempotency_key_reused',
  'request_in_progress',
] as const;

/** And where customers bring or take cash. */
export const cashRefusals = [...postingRefusals, 'cash_desk_closed', 'cash_limit_exceeded'] as const;

/** `payee_cannot_receive` is all that is said of the payee's account: there is none, it is closed, full or in another currency. */
export const transferRefusals = [
  ...postingRefusals.filter((code) => code !== 'balance_limit_exceeded'),
  'account_frozen',
  'insufficient_funds',
  'same_account',
  'payee_cannot_receive',
] as const;

export const transactionExample: Transaction = {
  id: 2,
  account_id: 1,
  target_account_id: null,
  type: 'deposit',
  amount: 500,
  currency: 'USD',
  description: null,
  reverses: null,
  reversed_by: null,
  requested_by: 2,
  entries: [
    { account_id: -840, amount: -500, balance_after: null },
    { account_id: 1, amount: 500, balance_after: 1500 },
  ],
  timestamp: '2026-11-23T08:00:00.000000Z',
  effective_at: '2026-11-23T08:00:00.000000Z',
  trace_id: '0af7651916cd43dd8448eb211c80319c',
};
