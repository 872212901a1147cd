// A notification as the API shows it; notify writes it, read-notifications reads it.
import * as z from 'zod';

/** What it is about; `transfer_out` is the sender's side, `transfer_in` the receiver's. */
export const notificationKind = z.enum([
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
  timestamp: z.iso.datetime(),
  read: z.boolean(),
});
export type Notification = z.infer<typeof notification>;
