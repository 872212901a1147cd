// com.microbank.user.removed: a user left the bank.
import * as z from 'zod';
import { defineEvent } from './event-contract.ts';
import { entityId, timestamp } from './event-fields.ts';

export const userRemoved = defineEvent({
  type: 'com.microbank.user.removed',
  summary: 'A user was removed.',
  data: z.strictObject({ user_id: entityId, removed_at: timestamp }),
  example: { user_id: 1, removed_at: '2026-11-22T10:20:00.000Z' },
});
