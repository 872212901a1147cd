// What set-overdraft-limit promises.
import * as z from 'zod';
import { accountExample, accountSchema } from '../shared/contract/account.ts';
import { reasonSchema } from '../shared/contract/audit.ts';
import type { Contract } from '../shared/contract/function.ts';
import { amountFromZeroSchema } from '../shared/contract/money.ts';
import { idParam } from '../shared/contract/paging.ts';

const params = z.strictObject({ id: idParam });
const body = z.strictObject({
  overdraft_limit: amountFromZeroSchema.describe(
    'How far the balance may go below zero from now on; 0 for not at all.',
  ),
  reason: reasonSchema,
});
export type OverdraftLimitCommand = z.infer<typeof params> & z.infer<typeof body>;

/** Only over HTTP, as freeze-account. */
export const contract = {
  name: 'set-overdraft-limit',
  summary: 'Changes how far an account may go below zero',
  databases: ['ledger'],
  routes: {
    'POST /accounts/{id}/overdraft-limit': {
      summary: 'Change the overdraft limit of an account; not below what it has overdrawn already',
      access: 'teller',
      params,
      body,
      answer: accountSchema,
      status: 200,
      idempotent: true,
      refusals: [
        'account_not_found',
        'account_closed',
        'amount_invalid',
        'overdraft_in_use',
        'idempotency_key_reused',
        'request_in_progress',
      ],
      example: {
        command: { id: 1, overdraft_limit: 250, reason: 'Salary comes in every month' },
        answer: { ...accountExample, available_balance: 1250, overdraft_limit: 250 },
      },
    },
  },
} as const satisfies Contract;
