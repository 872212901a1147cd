// An account as the API shows it.
import * as z from 'zod';
import { currencySchema, moneySchema } from './money.ts';

export const accountTypes = ['checking', 'savings', 'business'] as const;
export type AccountType = (typeof accountTypes)[number];

export const idSchema = z.int().positive().meta({ example: 1 });

/** An id in a command. The original took digits in a text as well, and its clients send them; all answers have numbers. */
export const idInput = z.union(
  [
    idSchema,
    z
      .string()
      .regex(/^[1-9][0-9]{0,14}$/)
      .transform(Number)
      .meta({ deprecated: true, description: 'The same digits as text, for clients of the original' }),
  ],
  'is not a whole number above 0',
);

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
  /** No money leaves a frozen account. */
  status: z.enum(['open', 'frozen', 'closed']),
  /** Number of entries; part of the ETag. */
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

/** A strong validator: the version, and what changes without an entry. */
export function accountEtag({ id, version, status, overdraft_limit }: Account): string {
  return `"${id}.${version}.${status}.${overdraft_limit}"`;
}
