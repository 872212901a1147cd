// Sweeps the outboxes that this process can reach, once per tick. Next in the story: eventing/outbox/sweep.ts.
import type { Logger } from 'pino';
import type { OutboxContext } from '../../eventing/outbox/hand-over.ts';
import { sweep, type Swept } from '../../eventing/outbox/sweep.ts';
import type { BankPool } from '../shared/database.ts';
import { defineFunction } from '../shared/function.ts';
import { contract } from './contract.ts';

export type Outboxes = Partial<Record<OutboxContext, BankPool>>;

/**
 * Sweeps every outbox, whatever becomes of the others. Events that the broker did not take stay owed and are no fault.
 * Throws an AggregateError of the databases' faults, after all sweeps have ended, so that the tick is tried again.
 */
export async function relay(
  outboxes: Outboxes,
  brokerUrl: string,
  log: Logger,
): Promise<Partial<Record<OutboxContext, Swept>>> {
  const contexts = Object.entries(outboxes) as [OutboxContext, BankPool][];
  const sweeps = await Promise.allSettled(contexts.map(([, pool]) => sweep({ pool, brokerUrl, log })));

  const swept: Partial<Record<OutboxContext, Swept>> = {};
  const faults: unknown[] = [];
  for (const [i, [context]] of contexts.entries()) {
    const result = sweeps[i];
    if (result?.status === 'rejected') faults.push(result.reason);
    if (result?.status !== 'fulfilled') continue;
    swept[context] = result.value;
    if (result.value.claimed > 0) log.info({ context, ...result.value }, 'outbox swept');
  }
  if (faults.length > 0) throw new AggregateError(faults, 'an outbox could not be swept', { cause: faults[0] });
  return swept;
}

export const relayFunction = defineFunction(contract, (environment) => ({
  routes: {},
  onEvent: async () => {
    const { brokerUrl, databaseUrls } = environment.config;
    if (brokerUrl === undefined) throw new Error('relay needs BROKER_URL');
    const outboxes: Outboxes = {};
    if (databaseUrls.ledger !== undefined) outboxes.ledger = environment.ledgerDatabase.pool;
    if (databaseUrls.users !== undefined) outboxes.users = environment.users.pool;
    await relay(outboxes, brokerUrl, environment.log);
  },
}));
