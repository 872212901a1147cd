// The table of all that this broker has in RabbitMQ: exchanges, queues and bindings, and their names. Nothing else names them.
import type { Options } from 'amqplib';
import { headerOf } from './amqp-message.ts';
import type { Trigger } from './trigger.ts';

export type QueueType = 'quorum' | 'classic';

export type Topology = {
  exchanges: { name: string; type: 'headers' | 'fanout' }[];
  queues: { name: string; options: Options.AssertQueue }[];
  bindings: Binding[];
  /** Keeps one message: the filters that were bound last, so that one that has changed can be unbound. */
  notes: { name: string; options: Options.AssertQueue };
};

type Binding = { exchange: string; queue: string; filter: Record<string, string> };

/** By the broker's name and a trigger's, so that several brokers can share a virtual host. */
export function exchangeOf(broker: string): string {
  return broker;
}
export function queueOf(broker: string, trigger: string): string {
  return `${broker}.${trigger}`;
}
/** The dead-letter exchange of a trigger and the queue behind it. */
export function deadOf(broker: string, trigger: string): string {
  return `${broker}.${trigger}.dead`;
}
type Kind = { type: QueueType; serverVersion: string };

/**
 * | exchange               | binding                            | queue                  |
 * | ---------------------- | ---------------------------------- | ---------------------- |
 * | `<broker>` (headers)   | all attributes of trigger's filter | `<broker>.<trigger>`   |
 * | `<broker>.<trigger>.dead` (fanout) | everything             | `<broker>.<trigger>.dead` |
 * |                        |                                    | `<broker>.filters`     |
 */
export function topologyOf(broker: string, triggers: readonly Trigger[], kind: Kind): Topology {
  const names = triggers.map((trigger) => ({
    trigger,
    queue: queueOf(broker, trigger.name),
    dead: deadOf(broker, trigger.name),
  }));
  return {
    exchanges: [
      { name: exchangeOf(broker), type: 'headers' },
      ...names.map(({ dead }) => ({ name: dead, type: 'fanout' as const })),
    ],
    queues: [
      ...names.flatMap(({ trigger, queue, dead }) => [
        // One at a time means in order, also when several processes of this broker read the queue.
        {
          name: queue,
          options: queueOptions(kind, trigger.parallelism === 1 ? { 'x-single-active-consumer': true } : {}),
        },
        { name: dead, options: queueOptions(kind) },
      ]),
    ],
    bindings: names.flatMap(({ trigger, queue, dead }) => [
      { exchange: exchangeOf(broker), queue, filter: bindingFilter(trigger.filter) },
      { exchange: dead, queue: dead, filter: {} },
    ]),
    // Always classic: RabbitMQ 3.10 does not answer `get` for a quorum queue of limited length after a crash.
    notes: { name: `${broker}.filters`, options: { durable: true, arguments: { 'x-max-length': 1 } } },
  };
}

/** The arguments of a binding that lets through what has all of these attributes. */
export function bindingFilter(filter: Readonly<Record<string, string>>): Record<string, string> {
  const headers = Object.entries(filter).map(([name, value]) => [headerOf(name), value]);
  return { ...(Object.fromEntries(headers) as Record<string, string>), 'x-match': 'all' };
}

/** Quorum queues survive the loss of a node, and are what Knative's broker uses; RabbitMQ has them since 3.8. */
export function queueTypeOf(serverVersion: string): QueueType {
  const [major = 0, minor = 0] = serverVersion.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 8) ? 'quorum' : 'classic';
}

function queueOptions({ type, serverVersion }: Kind, more: Record<string, unknown> = {}): Options.AssertQueue {
  if (type === 'classic') return { durable: true, arguments: more };
  // From 4.0 on, a quorum queue drops what has come back twenty times; nothing may be dropped. Before, -1 meant no delivery at all.
  const unlimited = Number(serverVersion.split('.')[0]) >= 4 ? { 'x-delivery-limit': -1 } : {};
  return { durable: true, arguments: { 'x-queue-type': 'quorum', ...unlimited, ...more } };
}
