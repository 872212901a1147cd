// What relay takes: the tick of a PingSource. It has no routes of its own.
import type { Contract } from '../shared/contract.ts';

export const contract = {
  name: 'relay',
  summary: 'Hands over the events that the outboxes still owe.',
  databases: ['ledger', 'users'],
  routes: {},
  consumes: ['dev.knative.sources.ping'],
} as const satisfies Contract;
