// One tick of the relay over one outbox: reconcile, then sweep and prune. Run by functions/relay.
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Consumers } from './consumers.ts';
import type { Voice } from '../signing/voice.ts';
import { keptPeriods, prune, type KeptPeriods, type Pruned, type PruneSettings } from './prune.ts';
import { reconcile, type Reconciled, type ReconcileSettings } from './reconcile.ts';
import { sweep, type Swept, type SweepSettings } from './sweep.ts';

export type TickSettings = {
  context: 'users' | 'ledger';
  pool: Pool;
  brokerUrl: string;
  /** Of this context: signs what is sent, and vouches for what is asked. */
  voice?: Voice;
  consumers: Consumers;
  log: Logger;
  /** Without it the database's clock counts; the simulator has its own. */
  now?: () => Date;
  kept?: KeptPeriods;
  /** Limits and periods of the steps, where they are not to be their own. */
  reconciling?: Partial<ReconcileSettings>;
  sweeping?: Partial<SweepSettings>;
  pruning?: Partial<PruneSettings>;
};

export type Ticked = { reconciled: Reconciled; swept: Swept; pruned: Pruned };

/**
 * What the question finds lost is sent by the sweep of the same tick. Each step has its own limits and a tick ends within 55 s
 * even when broker and consumers hang. Throws an AggregateError of the steps' faults when all of them have ended: only the
 * database can make a step fail, and everything is safe to begin again.
 */
export async function tick(settings: TickSettings): Promise<Ticked> {
  const { context, pool, brokerUrl, consumers, log, now, voice, kept = keptPeriods[context] } = settings;
  const shared = { pool, log, ...(now && { now }), ...(voice && { voice }) };
  const [reconciled] = await Promise.allSettled([reconcile({ ...shared, consumers, ...settings.reconciling })]);
  const [swept, pruned] = await Promise.allSettled([
    sweep({ ...shared, brokerUrl, ...settings.sweeping }),
    prune({ ...shared, consumers, kept, ...settings.pruning }),
  ]);
  if (reconciled.status === 'rejected' || swept.status === 'rejected' || pruned.status === 'rejected') {
    const faults = [reconciled, swept, pruned].flatMap((step): unknown[] =>
      step.status === 'rejected' ? [step.reason] : [],
    );
    throw new AggregateError(faults, `the ${context} outbox could not be worked on`, { cause: faults[0] });
  }
  return { reconciled: reconciled.value, swept: swept.value, pruned: pruned.value };
}
