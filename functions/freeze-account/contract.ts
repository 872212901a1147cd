// What freeze-account promises: no money leaves a frozen account.
import * as z from 'zod';
import { accountExample, accountSchema } from '../shared/contract/account.ts';
import { reasonSchema } from '../shared/contract/audit.ts';
import type { Contract } from '../shared/contract/function.ts';
import { idParam } from '../shared/contract/paging.ts';

const params = z.strictObject({ id: idParam });
const body = z.strictObject({ reason: reasonSchema });
export type FreezeCommand = z.infer<typeof params> & z.infer<typeof body>;

const refusals = ['account_not_found', 'account_closed', 'idempotency_key_reused', 'request_in_progress'] as const;

/** Only over HTTP: what tellers do at their pages, and in person, has no command that could wait in a queue. */
export const contract = {
  name: 'freeze-account',
  summary: 'Freezes and unfreezes accounts',
  databases: ['ledger'],
  routes: {
    'POST /accounts/{id}/freeze': {
      summary:
        'Freeze an account: nothing is withdrawn or transferred from it, and it is not closed; money that comes in is booked',
      access: 'teller',
      params,
      body,
      answer: accountSchema,
      status: 200,
      idempotent: true,
      refusals: [...refusals, 'already_frozen'],
      example: {
        command: { id: 1, reason: 'Card reported as stolen' },
        answer: { ...accountExample, status: 'frozen' },
      },
    },
    'POST /accounts/{id}/unfreeze': {
      summary: 'Unfreeze an account',
      access: 'teller',
      params,
      body,
      answer: accountSchema,
      status: 200,
      idempotent: true,
      refusals: [...refusals, 'not_frozen'],
      example: { command: { id: 1, reason: 'Identity proved at the desk' }, answer: accountExample },
    },
  },
} as const satisfies Contract;
