// What edit-profile promises.
import * as z from 'zod';
import type { Contract } from '../shared/contract/function.ts';
import { idParam } from '../shared/contract/paging.ts';
import { passwordSchema } from '../shared/contract/password.ts';
import { emailSchema, exampleUser, nameSchema, phoneSchema, userSchema } from '../shared/contract/user.ts';

export const profileChange = z.strictObject({
  name: nameSchema.optional(),
  email: emailSchema.optional().describe('By which to sign in from now on.'),
  phone: phoneSchema.nullable().optional().describe('Null takes it away.'),
  password: passwordSchema.describe('The own one, once more: a page left open is not enough to take an account over.'),
});
export type ProfileChange = z.infer<typeof profileChange> & { id: number };

/** No command as a CloudEvent: passwords do not belong into queues. */
export const contract = {
  name: 'edit-profile',
  summary: 'Changes the own name, phone number or email address.',
  databases: ['users'],
  routes: {
    'POST /users/{id}/profile': {
      summary: 'Changes what is given of the own name, phone number and email address; what is left out stays.',
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      body: profileChange,
      answer: userSchema,
      status: 200,
      refusals: ['user_not_found', 'wrong_password', 'email_taken', 'session_ended', 'too_many_attempts'],
      example: {
        command: { id: exampleUser.id, phone: '+43 1 234 5678', password: 'four unrelated words do' },
        answer: { ...exampleUser, phone: '+43 1 234 5678' },
      },
    },
  },
  emits: ['com.microbank.user.changed'],
} as const satisfies Contract;
