// com.microbank.transaction.completed: money moved, with every entry that says so.
import * as z from 'zod';
import { defineEvent } from './event-contract.ts';
import { currencyCode, entityId, timestamp, wireAmount } from './event-fields.ts';

const entry = z.strictObject({
  /** Negative for a system account: cash is minus the ISO 4217 number, -840 for USD. */
  account_id: z.int(),
  /** Null for a system account. */
  user_id: entityId.nullable(),
  /** Signed: the entries of a transaction sum to zero. */
  amount: wireAmount,
  balance_after: wireAmount.nullable(),
  /** Version of the account after this entry; a consumer orders by it. */
  version: z.int().nullable(),
});

export const transactionCompleted = defineEvent({
  type: 'com.microbank.transaction.completed',
  summary: 'A deposit, withdrawal, transfer or reversal was booked.',
  data: z.strictObject({
    transaction_id: entityId,
    type: z.enum(['deposit', 'withdrawal', 'transfer', 'reversal']),
    account_id: entityId,
    target_account_id: entityId.nullable(),
    amount: wireAmount,
    currency: currencyCode,
    description: z.string().nullable(),
    /** The transaction that a reversal undoes. */
    reverses: entityId.nullable(),
    booked_at: timestamp,
    effective_at: timestamp,
    entries: z.array(entry).min(2),
  }),
  example: {
    transaction_id: 2,
    type: 'deposit',
    account_id: 7,
    target_account_id: null,
    amount: 500,
    currency: 'USD',
    description: null,
    reverses: null,
    booked_at: '2026-11-22T10:17:00.000Z',
    effective_at: '2026-11-22T10:17:00.000Z',
    entries: [
      { account_id: -840, user_id: null, amount: -500, balance_after: null, version: null },
      { account_id: 7, user_id: 1, amount: 500, balance_after: 1500, version: 2 },
    ],
  },
});
