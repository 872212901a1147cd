// What remove-user asks the ledger before it removes somebody. Answered by functions/close-account, in migrations/ledger/0004-released-users.sql.
import * as z from 'zod';
import type { Question } from '../../../eventing/outbox/questions.ts';
import { idSchema } from '../contract/account.ts';

/**
 * How many open accounts has this user? With none the user is released by the answer: the ledger opens no account for them from
 * then on. Asked again, the answer is the same.
 */
export const userRelease = {
  requested: 'com.microbank.user.release.requested',
  given: 'com.microbank.user.release.given',
  ask: z.strictObject({ user_id: idSchema }),
  answer: z.object({ open_accounts: z.int().min(0) }),
} satisfies Question;
