// com.microbank.user.registered: somebody became a user of the bank.
import * as z from 'zod';
import { defineEvent } from './event-contract.ts';
import { entityId, timestamp } from './event-fields.ts';

export const userRegistered = defineEvent({
  type: 'com.microbank.user.registered',
  summary: 'A user was registered.',
  data: z.strictObject({
    user_id: entityId,
    name: z.string(),
    email: z.string(),
    phone: z.string().nullable(),
    role: z.enum(['customer', 'teller']),
    registered_at: timestamp,
  }),
  example: {
    user_id: 1,
    name: 'Ada Lovelace',
    email: 'ada@example.com',
    phone: '+44 20 7946 0000',
    role: 'customer',
    registered_at: '2026-11-22T10:15:00.000Z',
  },
});
