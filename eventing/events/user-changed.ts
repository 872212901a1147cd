// com.microbank.user.changed: somebody changed their name, email address or phone number.
import * as z from 'zod';
import { defineEvent } from './event-contract.ts';
import { entityId, timestamp } from './event-fields.ts';

export const userChanged = defineEvent({
  type: 'com.microbank.user.changed',
  summary: 'A user changed their name, email address or phone number; all three as they are now.',
  data: z.strictObject({
    user_id: entityId,
    name: z.string(),
    email: z.string(),
    phone: z.string().nullable(),
    changed_at: timestamp,
  }),
  example: {
    user_id: 1,
    name: 'Ada King',
    email: 'ada@example.com',
    phone: '+44 20 7946 0000',
    changed_at: '2026-11-22T10:17:00.000Z',
  },
});
