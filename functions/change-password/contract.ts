// What change-password promises.
import * as z from 'zod';
import type { Contract } from '../shared/contract/function.ts';
import { idParam } from '../shared/contract/paging.ts';
import { newPasswordSchema, passwordSchema } from '../shared/contract/password.ts';

export const passwordChange = z.strictObject({ current_password: passwordSchema, new_password: newPasswordSchema });
export type PasswordChange = z.infer<typeof passwordChange> & { id: number };

/** No command as a CloudEvent: passwords do not belong into queues. */
export const contract = {
  name: 'change-password',
  summary: 'Changes the own password, and ends all other sessions.',
  databases: ['users'],
  databaseRole: 'credentials',
  routes: {
    'POST /users/{id}/password': {
      summary: 'Changes the own password. All other sessions of this person end; the present one goes on.',
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      body: passwordChange,
      status: 204,
      idempotent: true,
      refusals: ['user_not_found', 'wrong_password', 'too_many_attempts', 'password_too_weak', 'session_ended'],
      example: {
        command: {
          id: 2,
          current_password: 'four unrelated words do',
          new_password: 'five other words are better',
        },
      },
    },
  },
} as const satisfies Contract;
