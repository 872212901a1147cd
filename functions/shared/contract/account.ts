// An account as the API shows it.
import * as z from 'zod';
import { currencySchema, moneySchema } from './money.ts';

export const accountTypes = ['checking', 'savings', 'business'] as const;
export type AccountType = (typeof accountTypes)[number];

export const idSchema = z.int().positive().meta({ example: 1 });

export const accountSchema = z.strictObject({
  id: idSchema,
  user_id: idSchema,
  account_type: z.enum(accountTypes),
  currency: currencySchema,
  /** Booked: the sum of the account's entries. */
  balance: moneySchema,
  /** What can be spent: the balance and the overdraft limit together. */
  available_balance: moneySchema,
  overdraft_limit: moneySchema,
  status: z.enum(['open', 'closed']),
  /** Number of entries; also the ETag. */
  version: z.int().nonnegative(),
  opened_at: z.iso.datetime({ offset: true }),
  closed_at: z.iso.datetime({ offset: true }).nullable(),
});
export type Account = z.infer<typeof accountSchema>;

export const accountExample: Account = {
  id: 1,
  user_id: 2,
  account_type: 'checking',
  currency: 'USD',
  balance: 1000,
  available_balance: 1000,
  overdraft_limit: 0,
  status: 'open',
  version: 1,
  opened_at: '2026-11-23T08:00:00.000000Z',
  closed_at: null,
};

/** The account's version as a strong validator. */
export function accountEtag(account: Account): string {
  return `"${account.id}.${account.version}"`;
}
