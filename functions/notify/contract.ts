// What notify takes: every event that a customer is told about. It has no routes of its own.
import type { Contract } from '../shared/contract/function.ts';

export const contract = {
  name: 'notify',
  summary: 'Tells customers what happened to their accounts.',
  databases: ['notifications'],
  routes: {},
  consumes: ['com.microbank.transaction.completed', 'com.microbank.account.opened', 'com.microbank.account.closed'],
} as const satisfies Contract;
