// What register-user promises.
import * as z from 'zod';
import type { Contract } from '../shared/contract/function.ts';
import { newPasswordSchema } from '../shared/contract/password.ts';
import {
  emailSchema,
  exampleUser,
  nameSchema,
  phoneSchema,
  roleSchema,
  userSchema,
  type User,
} from '../shared/contract/user.ts';

export const registration = z.strictObject({
  name: nameSchema,
  email: emailSchema,
  phone: phoneSchema.nullish(),
  password: newPasswordSchema
    .optional()
    .describe('At least 15 characters, any of them. Needed to sign in; a teller may register somebody without one.'),
  role: roleSchema.optional().describe('`customer` unless a teller says otherwise.'),
});
export type Registration = z.infer<typeof registration>;

export const contract = {
  name: 'register-user',
  summary: 'Registers a user of the bank.',
  databases: ['users'],
  routes: {
    'POST /users': {
      summary: 'Registers a user. Anyone may register themselves, with a password; tellers register anyone.',
      access: 'anyone',
      body: registration,
      answer: userSchema,
      status: 201,
      idempotent: true,
      strangersAre: 'email',
      location: (user: User) => `/users/${user.id}`,
      refusals: [
        'too_many_attempts',
        'email_taken',
        'password_too_weak',
        'forbidden',
        'session_ended',
        'answer_erased',
      ],
      example: {
        command: {
          name: exampleUser.name,
          email: exampleUser.email,
          phone: exampleUser.phone,
          password: 'four unrelated words do',
        },
        answer: exampleUser,
      },
    },
  },
  command: { type: 'com.microbank.user.registration.requested', route: 'POST /users' },
  emits: ['com.microbank.user.registered'],
} as const satisfies Contract;
