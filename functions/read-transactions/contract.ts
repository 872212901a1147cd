// What read-transactions promises: the history of what is yours, incoming transfers included.
import * as z from 'zod';
import type { Contract } from '../shared/contract.ts';
import { idParam, momentParam, pageQuery } from '../shared/paging.ts';
import { transactionExample, transactionSchema, transactionTypes } from '../shared/transaction-contract.ts';

export const contract = {
  name: 'read-transactions',
  summary: 'Shows transactions with both their entries',
  databases: ['ledger'],
  instead: {
    'DELETE /transactions/{id}': 'a transaction is never deleted; undo it with POST /transactions/{id}/reversal',
    'PUT /transactions/{id}': 'a transaction is never changed; undo it with POST /transactions/{id}/reversal',
    'PATCH /transactions/{id}': 'a transaction is never changed; undo it with POST /transactions/{id}/reversal',
  },
  routes: {
    'GET /transactions': {
      summary: 'List transactions, newest first: those that touch one account, all of a customer, or (tellers) all',
      access: 'signed-in',
      query: z.strictObject({
        ...pageQuery,
        account_id: idParam
          .optional()
          .describe('Only those with an entry on this account, incoming transfers included.'),
        type: z.enum(transactionTypes).optional(),
        from: momentParam.optional().describe('Booked at this moment or later (RFC 3339).'),
        to: momentParam.optional().describe('Booked before this moment (RFC 3339).'),
        q: z.string().min(1).max(100).optional().describe('Part of the description, in any case.'),
      }),
      answer: z.array(transactionSchema),
      status: 200,
      refusals: ['account_not_found'],
      example: { command: { account_id: 1, limit: 10 }, answer: [transactionExample] },
    },
    'GET /transactions/{id}': {
      summary: 'Show one transaction',
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      answer: transactionSchema,
      status: 200,
      refusals: ['transaction_not_found'],
      example: { command: { id: 2 }, answer: transactionExample },
    },
  },
} as const satisfies Contract;
