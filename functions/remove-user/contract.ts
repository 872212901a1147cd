// What remove-user promises.
import * as z from 'zod';
import type { Contract } from '../shared/contract/function.ts';
import { idParam } from '../shared/contract/paging.ts';

export const removal = z.strictObject({ id: idParam });

export const contract = {
  name: 'remove-user',
  summary: 'Removes a user who has no open account, and erases what is known about them.',
  databases: ['users'],
  routes: {
    'DELETE /users/{id}': {
      summary: 'Removes a user. Their number stays in the books; name, addresses and password are erased.',
      access: 'signed-in',
      params: removal,
      status: 204,
      idempotent: true,
      refusals: ['user_not_found', 'user_has_open_accounts', 'last_teller', 'session_ended', 'forbidden'],
      example: { command: { id: 2 } },
    },
  },
  command: { type: 'com.microbank.user.removal.requested', route: 'DELETE /users/{id}' },
  emits: ['com.microbank.user.removed'],
} as const satisfies Contract;
