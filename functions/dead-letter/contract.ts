// What dead-letter takes: any event, because anything may end here. It has no routes of its own.
import type { Contract } from '../shared/contract/function.ts';

export const contract = {
  name: 'dead-letter',
  summary: 'Keeps the events that the broker gave up on.',
  databases: ['notifications'],
  databaseRole: 'dead-letters',
  routes: {},
  consumes: ['*'],
} as const satisfies Contract;
