// com.microbank.account.closed: an account takes no more postings.
import * as z from 'zod';
import { defineEvent } from './event-contract.ts';
import { currencyCode, entityId, timestamp } from './event-fields.ts';

export const accountClosed = defineEvent({
  type: 'com.microbank.account.closed',
  summary: 'An account was closed; its balance was zero.',
  data: z.strictObject({
    account_id: entityId,
    user_id: entityId,
    account_type: z.string(),
    currency: currencyCode,
    transaction_id: entityId,
    closed_at: timestamp,
  }),
  example: {
    account_id: 7,
    user_id: 1,
    account_type: 'checking',
    currency: 'USD',
    transaction_id: 9,
    closed_at: '2026-11-22T10:19:00.000Z',
  },
});
