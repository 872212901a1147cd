// Shows tellers whether the bank owes anything and how its functions do, and redrives its dead letters. Written by: functions/dead-letter/dead-letter.ts.
import { page, type Page } from '../shared/handler/answer.ts';
import { createConsumers } from '../shared/questions/consumers.ts';
import type { CommandOf } from '../shared/contract/function.ts';
import { countDeadLetters, deadLetterDatabase, measureDeadLetters } from '../shared/watch/count-dead-letters.ts';
import { idAfter, momentAfter } from '../shared/reading/cursor.ts';
import { listAudit } from '../shared/database/audit.ts';
import type { Environment } from '../shared/process/environment.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { askRelays } from './ask-relays.ts';
import { contract, type DeadLetter, type Operations } from './contract.ts';
import { discard } from './discard.ts';
import { listDeadLetters } from './query-dead-letters.ts';
import { redriveMany, redriveOne, type RedriveParts } from './redrive.ts';
import { showFunctions } from './show-functions.ts';
import type { Call } from '../shared/handler/call.ts';

export async function showOperations(environment: Environment): Promise<Operations> {
  const db = deadLetterDatabase(environment);
  const [status, dead_letters, dead_letters_apart] = await Promise.all([
    askRelays(environment),
    countDeadLetters(db),
    countDeadLetters(db, 'apart'),
  ]);
  return { ...status, dead_letters, dead_letters_apart };
}

type ListQuery = CommandOf<(typeof contract.routes)['GET /operations/dead-letters']>;

async function list(environment: Environment, query: ListQuery, { after }: Call): Promise<Page<DeadLetter>> {
  const { limit, skip } = query;
  // One more than asked for tells whether there is a next page.
  const parts = { verified: query.verified === 'true', before: idAfter(after), skip, limit: limit + 1 };
  const items = await listDeadLetters(deadLetterDatabase(environment), parts);
  const last = items[limit - 1];
  return items.length > limit && last ? page(items.slice(0, limit), { id: last.id }) : page(items);
}

export const operationsFunction = defineFunction(contract, (environment) => {
  const consumers = createConsumers(environment.config);
  const parts = async (call: Call): Promise<RedriveParts> => ({
    call,
    db: deadLetterDatabase(environment),
    consumers: await consumers(),
    log: environment.log,
  });
  measureDeadLetters(environment);
  return {
    routes: {
      'GET /audit/notifications': (query, { after }) =>
        listAudit(deadLetterDatabase(environment), query, momentAfter(after)),
      'GET /operations': () => showOperations(environment),
      'GET /operations/functions': () => showFunctions(environment),
      'GET /operations/dead-letters': (query, call) => list(environment, query, call),
      'POST /operations/dead-letters/redrive': async (_command, call) => redriveMany(await parts(call)),
      'POST /operations/dead-letters/{id}/redrive': async ({ id }, call) => redriveOne(await parts(call), id),
      'POST /operations/dead-letters/{id}/discard': ({ id, reason }, call) =>
        discard(deadLetterDatabase(environment), { id, reason }, call),
    },
  };
});
