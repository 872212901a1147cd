// com.microbank.account.opened: an account exists, with its opening balance booked.
import * as z from 'zod';
import { defineEvent } from './event-contract.ts';
import { currencyCode, entityId, timestamp, wireAmount } from './event-fields.ts';

export const accountOpened = defineEvent({
  type: 'com.microbank.account.opened',
  summary: 'An account was opened; its opening balance came from cash.',
  data: z.strictObject({
    account_id: entityId,
    user_id: entityId,
    account_type: z.string(),
    currency: currencyCode,
    opening_balance: wireAmount,
    overdraft_limit: wireAmount,
    transaction_id: entityId,
    opened_at: timestamp,
  }),
  example: {
    account_id: 7,
    user_id: 1,
    account_type: 'checking',
    currency: 'USD',
    opening_balance: 1000,
    overdraft_limit: 0,
    transaction_id: 1,
    opened_at: '2026-11-22T10:16:00.000Z',
  },
});
