// What close-account promises.
import * as z from 'zod';
import type { Contract } from '../shared/contract/function.ts';
import { idParam } from '../shared/contract/paging.ts';

export const contract = {
  name: 'close-account',
  summary: 'Closes an account that holds nothing',
  databases: ['ledger'],
  command: { type: 'com.microbank.account.closing.requested', route: 'DELETE /accounts/{id}' },
  answers: ['com.microbank.user.release.requested', 'com.microbank.teller.dismissal.requested'],
  emits: ['com.microbank.account.closed', 'com.microbank.transaction.refused'],
  routes: {
    'DELETE /accounts/{id}': {
      summary: 'Close an account whose balance is zero; its history stays',
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      status: 204,
      refusals: ['account_not_found', 'account_closed', 'account_frozen', 'account_not_empty'],
      example: { command: { id: 1 } },
    },
  },
} as const satisfies Contract;
