// What remove-user and change-role tell the ledger before they commit. Answered by functions/close-account, in
// migrations/ledger/0007-rights.sql.
import * as z from 'zod';
import type { Question } from '../../../eventing/outbox/questions.ts';
import { idSchema } from '../contract/account.ts';

/**
 * This person is a teller no more: refuse what they ask for as one, although their token lives some minutes longer. Answered once that
 * holds; what they asked for before has been committed by then or never will be. `dismissed: false` gives it back, but to nobody who was
 * released. Asked again, the answer is the same.
 */
export const tellerDismissal = {
  requested: 'com.microbank.teller.dismissal.requested',
  given: 'com.microbank.teller.dismissal.given',
  ask: z.strictObject({ user_id: idSchema, dismissed: z.boolean() }),
  answer: z.object({}),
} satisfies Question;
