// Stands for read-accounts, so that a test of another function can say what the ledger answers, and what happens meanwhile.
import * as z from 'zod';
import { page } from '../answer.ts';
import type { Contract } from '../contract.ts';
import { defineFunction } from '../function.ts';
import { idParam } from '../paging.ts';

const contract = {
  name: 'read-accounts',
  summary: 'Says what the test wants.',
  databases: [],
  routes: {
    'GET /accounts': {
      summary: 'Lists accounts.',
      access: 'signed-in',
      query: z.strictObject({
        user_id: idParam,
        limit: z.string().optional(),
        status: z.enum(['open', 'closed']).optional(),
      }),
      answer: z.array(z.strictObject({ id: z.int() })),
      status: 200,
    },
  },
} as const satisfies Contract;

/** `answer` is called with each request; the accounts it gives are the answer, what it throws is the failure. */
export function createLedgerStub(answer: () => Promise<{ id: number }[]> | { id: number }[]) {
  return defineFunction(contract, () => ({ routes: { 'GET /accounts': async () => page(await answer()) } }));
}
