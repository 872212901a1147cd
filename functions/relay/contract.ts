// What relay takes: the ticks of its PingSources (eventing/sources), and the question what is owed. It has no routes of its own.
import type { Contract } from '../shared/contract/function.ts';

export const contract = {
  name: 'relay',
  summary: 'Hands over the events that the outboxes still owe, and sends again what their consumers lack.',
  // Deployed once for each of them; DATABASE says which.
  databases: ['ledger', 'users'],
  databaseRole: 'relay',
  routes: {},
  consumes: ['dev.knative.sources.ping'],
} as const satisfies Contract;
