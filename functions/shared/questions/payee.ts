// What find-payee asks the users context: who has this e-mail address. Answered by functions/read-users.
import * as z from 'zod';
import type { Question } from '../../../eventing/outbox/questions.ts';
import { idSchema } from '../contract/account.ts';
import { emailSchema } from '../contract/user.ts';

/** Null: nobody has this address, or they were removed. */
export const payeeQuestion = {
  requested: 'com.microbank.payee.requested',
  given: 'com.microbank.payee.given',
  ask: z.strictObject({ email: emailSchema }),
  answer: z.object({ user_id: idSchema, name: z.string() }).nullable(),
} satisfies Question;
