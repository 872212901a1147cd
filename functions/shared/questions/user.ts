// What open-account asks the users context before somebody's first account. Answered by functions/read-users.
import * as z from 'zod';
import type { Question } from '../../../eventing/outbox/questions.ts';
import { idSchema } from '../contract/account.ts';

/** Is this person a user, and not removed? */
export const userQuestion = {
  requested: 'com.microbank.user.requested',
  given: 'com.microbank.user.given',
  ask: z.strictObject({ user_id: idSchema }),
  answer: z.object({ is_user: z.boolean() }),
} satisfies Question;
