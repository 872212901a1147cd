// A notification as the API shows it; notify writes it, read-notifications reads it.
import * as z from 'zod';
import { currencySchema, moneySchema } from './money.ts';

/** What it is about; `transfer_out` is the sender's side, `transfer_in` the receiver's. */
const notificationKind = z.enum([
  'deposit',
  'withdrawal',
  'transfer_out',
  'transfer_in',
  'reversal',
  'account_opened',
  'account_closed',
]);
export type NotificationKind = z.infer<typeof notificationKind>;

export const notification = z.strictObject({
  id: z.int().positive(),
  user_id: z.int().positive(),
  message: z.string(),
  kind: notificationKind,
  transaction_id: z.int().positive().nullable(),
  account_id: z.int().positive().nullable(),
  // What the message tells, for those who say it in another language; all null in what was told before these were kept.
  amount: moneySchema.nullable().meta({ description: 'Signed; null where the account itself is told of' }),
  currency: currencySchema.nullable(),
  balance_after: moneySchema.nullable().meta({ description: 'Of the account, as it was then' }),
  counterparty_account_id: z.int().positive().nullable().meta({ description: 'Null when it was cash' }),
  reverses: z.int().positive().nullable().meta({ description: 'The transaction that this one undoes' }),
  account_type: z.string().nullable().meta({ description: 'Where an account was opened or closed' }),
  timestamp: z.iso.datetime(),
  read: z.boolean(),
});
export type Notification = z.infer<typeof notification>;
