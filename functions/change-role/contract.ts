// What change-role promises.
import * as z from 'zod';
import { reasonSchema } from '../shared/contract/audit.ts';
import type { Contract } from '../shared/contract/function.ts';
import { idParam } from '../shared/contract/paging.ts';
import { exampleUser, roleSchema, userSchema } from '../shared/contract/user.ts';

export const roleChange = z.strictObject({ role: roleSchema, reason: reasonSchema });
export type RoleChange = z.infer<typeof roleChange> & { id: number };

/** No command as a CloudEvent: who gives and takes rights is there, and in a session that goes on. */
export const contract = {
  name: 'change-role',
  summary: 'Makes a customer a teller, or a teller a customer.',
  databases: ['users'],
  routes: {
    'POST /users/{id}/role': {
      summary: 'Gives somebody a role. All their sessions end: from the next one on they are what they are now.',
      access: 'teller',
      params: z.strictObject({ id: idParam }),
      body: roleChange,
      answer: userSchema,
      status: 200,
      idempotent: true,
      refusals: ['user_not_found', 'last_teller', 'session_ended', 'answer_erased'],
      example: {
        command: { id: exampleUser.id, role: 'teller', reason: 'Starts at the branch in June' },
        answer: { ...exampleUser, role: 'teller' },
      },
    },
  },
} as const satisfies Contract;
