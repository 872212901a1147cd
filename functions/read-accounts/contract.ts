// What read-accounts promises: accounts as they are, and as they were at any moment.
import * as z from 'zod';
import { accountEtag, accountExample, accountSchema } from '../shared/account-contract.ts';
import type { Contract } from '../shared/contract.ts';
import { idParam, momentParam, pageQuery } from '../shared/paging.ts';

export const contract = {
  name: 'read-accounts',
  summary: 'Shows accounts and their balances',
  databases: ['ledger'],
  instead: {
    'PUT /accounts/{id}': 'a balance changes only by transactions: POST /transactions',
    'PATCH /accounts/{id}': 'a balance changes only by transactions: POST /transactions',
  },
  routes: {
    'GET /accounts': {
      summary: 'List accounts in the order they were opened: a customer their own, a teller all',
      access: 'signed-in',
      query: z.strictObject({
        ...pageQuery,
        user_id: idParam.optional().describe('Only those of this person.'),
        status: z.enum(['open', 'closed']).optional(),
      }),
      answer: z.array(accountSchema),
      status: 200,
      refusals: ['user_not_found'],
      example: { command: { status: 'open' }, answer: [accountExample] },
    },
    'GET /accounts/{id}': {
      summary: 'Show one account, now or as of a moment',
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      query: z.strictObject({
        as_of: momentParam.optional().describe('Balance and version as they were at this moment (RFC 3339).'),
      }),
      answer: accountSchema,
      status: 200,
      etag: accountEtag,
      refusals: ['account_not_found'],
      example: { command: { id: 1 }, answer: accountExample },
    },
  },
} as const satisfies Contract;
