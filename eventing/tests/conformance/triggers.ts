// The triggers of the suite: few, because on a cluster each of them is two pods. Events of different cases share them.
import { stringify } from 'yaml';
import type { Subscribers } from './subscribers.ts';

/** Where the dead letters of every trigger go. */
export const deadLetters = '/dead-letters';

type TriggerOfSuite = {
  /** Also its subscriber's path, with a slash before it. */
  name: string;
  /** The last part of the event type. */
  type: string;
  attributes?: Record<string, string>;
  retry?: number;
  backoffPolicy?: 'linear' | 'exponential';
  backoffDelay?: string;
  timeout?: string;
  parallelism?: number;
  /** Nothing listens at its subscriber's address. */
  isNowhere?: true;
};

const triggers: readonly TriggerOfSuite[] = [
  { name: 'first', type: 'delivered' },
  { name: 'second', type: 'delivered' },
  { name: 'picky', type: 'delivered', attributes: { region: 'eu' } },
  { name: 'retried', type: 'retried', retry: 2 },
  { name: 'linear', type: 'linear', retry: 3, backoffDelay: 'PT0.3S' },
  // Waits are whole tenths of a second: Knative's RabbitMQ broker cuts off the rest.
  { name: 'exponential', type: 'exponential', retry: 3, backoffPolicy: 'exponential', backoffDelay: 'PT0.2S' },
  { name: 'hanging', type: 'hanging', retry: 1, timeout: 'PT1S' },
  { name: 'nowhere', type: 'nowhere', retry: 1, isNowhere: true },
  { name: 'asked', type: 'asked' },
  { name: 'answered', type: 'answered' },
  { name: 'ordered', type: 'ordered', retry: 1, parallelism: 1 },
  { name: 'slow', type: 'shared' },
  { name: 'quick', type: 'shared' },
];

/** The manifests in YAML. `run` makes types and names the suite's own, whoever else uses the broker. */
export function writeTriggers(run: string, subscribers: Subscribers, broker: string, namespace: string): string {
  return triggers
    .map((trigger) => toManifest(trigger, { run, subscribers, broker, namespace }))
    .map((manifest) => stringify(manifest))
    .join('---\n');
}

export function typeOf(run: string, name: string): string {
  return `com.microbank.conformance.${run}.${name}`;
}

type Around = { run: string; subscribers: Subscribers; broker: string; namespace: string };

function toManifest(trigger: TriggerOfSuite, { run, subscribers, broker, namespace }: Around): object {
  const { name, type, retry = 0, backoffPolicy = 'linear', backoffDelay = 'PT0.1S', timeout = 'PT10S' } = trigger;
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: {
      name: `conformance-${run}-${name}`,
      namespace,
      labels: { 'microbank.dev/conformance': run },
      annotations: {
        'rabbitmq.eventing.knative.dev/parallelism': String(trigger.parallelism ?? 30),
        // Each trigger is two pods: with 50m each by default, as many do not start on a small node, and cases time out.
        'rabbitmq.eventing.knative.dev/cpu-request': '5m',
        'rabbitmq.eventing.knative.dev/memory-request': '16Mi',
      },
    },
    spec: {
      broker,
      filter: { attributes: { type: typeOf(run, type), ...trigger.attributes } },
      subscriber: { uri: trigger.isNowhere ? subscribers.nowhere : subscribers.addressOf(`/${name}`) },
      delivery: {
        retry,
        backoffPolicy,
        backoffDelay,
        timeout,
        deadLetterSink: { uri: subscribers.addressOf(deadLetters) },
      },
    },
  };
}
