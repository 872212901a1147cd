// What reset-password promises.
import * as z from 'zod';
import { storableText } from '../shared/contract/bounded-text.ts';
import type { Contract } from '../shared/contract/function.ts';
import { idParam } from '../shared/contract/paging.ts';
import { newPasswordSchema } from '../shared/contract/password.ts';
import { visibleLine } from '../shared/contract/plain-text.ts';

export const resetRequest = z.strictObject({
  remove_passkeys: z
    .boolean()
    .optional()
    .describe('True: with the old password its passkeys go as well, because they are lost or not in the right hands.'),
});
export type ResetRequest = z.infer<typeof resetRequest> & { id: number };

export const resetCode = z.strictObject({
  code: z.string().describe('To be told to the person who is there, and shown this once only.'),
  expires_at: z.iso.datetime({ offset: true }),
});
export type ResetCode = z.infer<typeof resetCode>;

export const passwordReset = z.strictObject({
  email: visibleLine(254),
  code: storableText(64).min(1).describe('As the teller read it out: capitals, spaces and dashes do not matter.'),
  new_password: newPasswordSchema,
});
export type PasswordReset = z.infer<typeof passwordReset>;

/** No commands as CloudEvents: neither codes nor passwords belong into queues. */
export const contract = {
  name: 'reset-password',
  summary: 'Lets somebody whose password is gone choose a new one, by a code that a teller gives them.',
  databases: ['users'],
  databaseRole: 'credentials',
  routes: {
    'POST /users/{id}/password-reset': {
      summary:
        'Makes a code for somebody who is there in person, good for 15 minutes, five tries and one use. A code before it is void. ' +
        'The old password and the sessions stay until the code is used. Whoever asks twice gets two codes: none is kept to be shown again.',
      access: 'teller',
      params: z.strictObject({ id: idParam }),
      body: resetRequest,
      answer: resetCode,
      status: 201,
      refusals: ['user_not_found', 'own_password'],
      example: {
        command: { id: 2 },
        answer: { code: 'K7QX-M2RD-9TBN', expires_at: '2026-11-23T09:45:00.000Z' },
      },
    },
    'POST /password-resets': {
      summary:
        'Chooses a new password with such a code, and ends all sessions. One answer for everything that can be wrong with address and code.',
      access: 'anyone',
      body: passwordReset,
      status: 204,
      idempotent: true,
      strangersAre: 'email',
      refusals: ['reset_refused', 'password_too_weak', 'too_many_attempts'],
      example: {
        command: { email: 'alice@example.com', code: 'K7QX-M2RD-9TBN', new_password: 'five other words are better' },
      },
    },
  },
} as const satisfies Contract;
