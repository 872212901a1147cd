// What read-users promises.
import * as z from 'zod';
import { auditEntrySchema, auditExample, auditQuery } from '../shared/contract/audit.ts';
import type { Contract } from '../shared/contract/function.ts';
import { idParam, pageQuery } from '../shared/contract/paging.ts';
import { visibleLine } from '../shared/contract/plain-text.ts';
import { exampleUser, userSchema } from '../shared/contract/user.ts';

const text = visibleLine(254);

export const usersQuery = z.strictObject({
  ...pageQuery,
  email: text.optional().describe('Only the user with this address, however it is capitalised.'),
  q: text.optional().describe('Only users whose name or address contains this text.'),
});
export type UsersQuery = z.infer<typeof usersQuery>;

export const contract = {
  name: 'read-users',
  summary: 'Shows users: to tellers everyone, to customers themselves.',
  databases: ['users'],
  databaseRole: 'reader',
  answers: ['com.microbank.payee.requested', 'com.microbank.user.requested'],
  routes: {
    'GET /audit/users': {
      summary:
        'Lists who signed in or was refused, and who did what to people and their ways to sign in, the newest first.',
      access: 'teller',
      query: auditQuery('users'),
      answer: z.array(auditEntrySchema),
      status: 200,
      example: {
        command: { subject: 'users/7', limit: 10 },
        answer: [{ ...auditExample, act: 'user.removed', subject: 'users/7', reason: null, details: {} }],
      },
    },
    'GET /users': {
      summary: 'Lists users, the newest first.',
      access: 'signed-in',
      query: usersQuery,
      answer: z.array(userSchema),
      status: 200,
      example: { command: { q: 'alice', limit: 10 }, answer: [exampleUser] },
    },
    'GET /users/{id}': {
      summary: 'Shows one user.',
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      answer: userSchema,
      status: 200,
      refusals: ['user_not_found'],
      example: { command: { id: exampleUser.id }, answer: exampleUser },
    },
  },
} as const satisfies Contract;
