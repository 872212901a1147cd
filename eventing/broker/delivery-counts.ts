// How often each trigger's events were delivered, tried again, refused or given up, since the start: plain numbers for whoever shows them.
import type { Trigger } from './trigger.ts';

export const deliveryOutcomes = [
  /** The subscriber took it. */
  'delivered',
  /** The subscriber said no with a status that counts as taken; logged as an error. */
  'refused',
  /** A try failed, and another one follows. */
  'retried',
  /** Given up, and safe as a dead letter. */
  'dead_lettered',
] as const;
type DeliveryOutcome = (typeof deliveryOutcomes)[number];

/** By the trigger's name. */
export type DeliveryCounts = ReadonlyMap<string, Readonly<Record<DeliveryOutcome, number>>>;
/** `messages`: waiting for a consumer, and not with one. */
export type QueueState = { queue: string; messages: number; consumers: number };

export type CountDelivery = (outcome: DeliveryOutcome) => void;

export type DeliveryCounter = { counts: DeliveryCounts; of: (trigger: string) => CountDelivery };

/** Zeros from the start, so that the first one is a rise. */
export function createDeliveryCounter(triggers: readonly Trigger[]): DeliveryCounter {
  const zeros = (): Record<DeliveryOutcome, number> => ({ delivered: 0, refused: 0, retried: 0, dead_lettered: 0 });
  const counts = new Map(triggers.map(({ name }) => [name, zeros()]));
  return {
    counts,
    of: (trigger) => (outcome) => {
      const own = counts.get(trigger);
      if (own) own[outcome]++;
    },
  };
}
