// Works on the outboxes that this process can reach, once per tick. Next in the story: eventing/outbox/tick.ts.
import * as z from 'zod';
import type { OutboxContext } from '../../eventing/outbox/hand-over.ts';
import { relayStatus } from '../../eventing/outbox/questions.ts';
import { tick, type Ticked, type TickSettings } from '../../eventing/outbox/tick.ts';
import { answering } from '../shared/questions/answer.ts';
import { createConsumers } from '../shared/questions/consumers.ts';
import type { Environment } from '../shared/process/environment.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { contract } from './contract.ts';
import { createStatus, measureOutboxes, type Outboxes } from './status.ts';

/** What a PingSource sends: without a context, all that this process has. */
const tickData = z.object({ context: z.enum(['users', 'ledger']).optional() }).optional();

export type RelaySettings = Omit<TickSettings, 'context' | 'pool' | 'voice'> & { voiceOf: Environment['voiceOf'] };

/**
 * Works on every outbox, whatever becomes of the others. Events that the broker did not take stay owed and are no fault.
 * Throws an AggregateError of the databases' faults, after all have ended, so that the tick is tried again.
 */
export async function relay(
  outboxes: Outboxes,
  { voiceOf, ...settings }: RelaySettings,
): Promise<Partial<Record<OutboxContext, Ticked>>> {
  const contexts = Object.entries(outboxes) as [OutboxContext, TickSettings['pool']][];
  const ticks = await Promise.allSettled(
    contexts.map(([context, pool]) => tick({ ...settings, context, pool, voice: voiceOf(context) })),
  );

  const done: Partial<Record<OutboxContext, Ticked>> = {};
  const faults: unknown[] = [];
  for (const [i, [context]] of contexts.entries()) {
    const result = ticks[i];
    if (result?.status === 'rejected') faults.push(result.reason);
    if (result?.status !== 'fulfilled') continue;
    done[context] = result.value;
    const { reconciled, swept, pruned } = result.value;
    if (swept.claimed + reconciled.asked + pruned.events + pruned.keys > 0)
      settings.log.info({ context, reconciled, swept, pruned }, 'outbox worked on');
  }
  if (faults.length > 0) throw new AggregateError(faults, 'an outbox could not be worked on', { cause: faults[0] });
  return done;
}

export const relayFunction = defineFunction(contract, (environment) => {
  const { log, config } = environment;
  const consumers = createConsumers(config);
  const { voiceOf } = environment;
  const status = createStatus({ reach: () => outboxesOf(environment), consumers, voiceOf, log });
  measureOutboxes(environment.metrics, status.outboxes);
  const coalesced = createCoalescing();
  return {
    routes: {},
    onEvent: async ({ data }) => {
      const { brokerUrl } = config;
      if (brokerUrl === undefined) throw new Error('relay needs BROKER_URL');
      const only = tickData.parse(data)?.context;
      await coalesced(only ?? 'all', async () =>
        relay(outboxesOf(environment, only), { brokerUrl, consumers: await consumers(), voiceOf, log }),
      );
    },
    questions: [answering(relayStatus, status.whole)],
  };
});

/** Who asks for what is under way waits for that: a tick only does what is due, and what is due is done once however many ticks come. */
function createCoalescing(): (what: string, work: () => Promise<unknown>) => Promise<unknown> {
  const underWay = new Map<string, Promise<unknown>>();
  return (what, work) => {
    const running = underWay.get(what);
    if (running) return running;
    const started = work().finally(() => underWay.delete(what));
    underWay.set(what, started);
    return started;
  };
}

function outboxesOf(environment: Environment, only?: OutboxContext): Outboxes {
  const { databaseUrls } = environment.config;
  const has = (context: OutboxContext): boolean =>
    databaseUrls[context] !== undefined && (only === undefined || only === context);
  const outboxes: Outboxes = {
    ...(has('ledger') && { ledger: environment.ledgerDatabase.pool }),
    ...(has('users') && { users: environment.users.pool }),
  };
  if (only !== undefined && outboxes[only] === undefined) throw new Error(`this relay has no ${only} database`);
  return outboxes;
}
