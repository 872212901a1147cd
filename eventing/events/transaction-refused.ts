// com.microbank.transaction.refused: a command that came as a CloudEvent was refused; nothing changed.
import * as z from 'zod';
import { defineEvent } from './event-contract.ts';

export const transactionRefused = defineEvent({
  type: 'com.microbank.transaction.refused',
  summary: 'A command that came as an event was refused; nothing changed.',
  data: z.strictObject({
    /** `id` and `source` of the CloudEvent that asked. */
    command_id: z.string(),
    command_source: z.string(),
    /** The stable code of the refusal, e.g. `insufficient_funds`. */
    code: z.string(),
    detail: z.string(),
    /** Null when the command did not name one that could be read. */
    account_id: z.int().nullable(),
    type: z.string().nullable(),
  }),
  example: {
    command_id: '0193511f-7a5e-7000-8000-000000000001',
    command_source: '/branches/12',
    code: 'insufficient_funds',
    detail: 'account 7 has not enough money for this withdrawal',
    account_id: 7,
    type: 'withdrawal',
  },
});
