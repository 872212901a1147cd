// Broker, Triggers and PingSources: complete, exact, and one for each event that somebody waits for.
import { expect, test } from 'vitest';
import { bankEvents } from '../../eventing/events/bank-events.ts';
import { deployments } from '../functions/deployments.ts';
import type { Manifest } from './manifest.ts';
import { find, ofKind, renderOverlays } from './overlays.ts';

const all = await deployments();
const overlays = await renderOverlays();
const eventing = 'eventing.knative.dev/v1';

/** Events that are recorded and that nobody in the bank acts on, each with the reason. */
const withoutTrigger: Record<string, string> = {
  'com.microbank.transaction.refused':
    'who asked has the refusal as the answer, or through the broker by a Trigger of their own; nobody else is to be told',
  'com.microbank.user.registered':
    'for systems outside, such as a mailing; an account that is opened is what a customer is told of',
  'com.microbank.user.changed':
    'for systems outside that keep an address of their own; in the bank whoever shows a person asks who they are',
  'com.microbank.user.removed':
    'for systems outside; the ledger gave its consent before (a question, not an event), and there is nobody to tell',
};

const delivery = {
  retry: expect.any(Number) as number,
  backoffPolicy: expect.stringMatching(/^(linear|exponential)$/) as string,
  // Waits are cut to a tenth of a second.
  backoffDelay: expect.stringMatching(/^PT\d+(\.\d)?S$/) as string,
  timeout: expect.stringMatching(/^PT\d+S$/) as string,
  deadLetterSink: {
    ref: expect.objectContaining({ kind: 'Service', name: 'dead-letter' }) as object,
    // Where the proof goes that this comes from the platform: up.sh puts the secret in.
    uri: '/platform/PLATFORM_PROOF',
  },
};

test.each(overlays)('every Trigger of $name is complete: broker, one exact type, a whole delivery', (overlay) => {
  const triggers = ofKind(overlay, eventing, 'Trigger');
  expect(triggers.length).toBeGreaterThan(0);
  for (const { metadata, spec } of triggers) {
    const subscriber = {
      ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: expect.any(String) as string },
    };
    const filter = { attributes: { type: expect.stringMatching(/^com\.microbank\./) as string } };
    expect(spec, metadata.name).toEqual({ broker: 'bank', filter, subscriber, delivery });
  }
});

test.each(overlays)('every Trigger of $name says what its dispatchers ask for', (overlay) => {
  for (const { metadata } of [...ofKind(overlay, eventing, 'Trigger'), ...ofKind(overlay, eventing, 'Broker')]) {
    for (const amount of ['cpu-request', 'memory-request', 'memory-limit'])
      expect(metadata.annotations, metadata.name).toHaveProperty([`rabbitmq.eventing.knative.dev/${amount}`]);
  }
});

test.each(overlays)('every event of the bank has a Trigger in $name, or a reason', (overlay) => {
  const triggered = new Set(ofKind(overlay, eventing, 'Trigger').map(typeOf));
  const silent = bankEvents.map(({ type }) => type).filter((type) => !triggered.has(type));
  expect(silent.sort()).toEqual(Object.keys(withoutTrigger).sort());
});

test.each(overlays)('every command, and every event that a function of $name takes, has a Trigger to it', (overlay) => {
  const triggers = ofKind(overlay, eventing, 'Trigger').map(
    (trigger) => `${typeOf(trigger)} → ${subscriberOf(trigger)}`,
  );
  const wanted = all.flatMap(({ name, contract: { command, consumes = [] } }) =>
    [...(command ? [command.type] : []), ...consumes]
      .filter((type) => type.startsWith('com.microbank.'))
      .map((type) => `${type} → ${name}`),
  );
  expect(triggers.sort()).toEqual(wanted.sort());
});

test.each(overlays)('the Broker of $name is RabbitMQ’s, on quorum queues, with a whole delivery', (overlay) => {
  const broker = find(overlay, 'Broker', 'bank');
  expect(broker.metadata.annotations).toMatchObject({ 'eventing.knative.dev/broker.class': 'RabbitMQBroker' });
  expect(broker.spec).toMatchObject({
    config: { kind: 'RabbitmqBrokerConfig', name: 'bank', namespace: 'microbank' },
    delivery,
  });
  const cluster = { name: 'bank', namespace: 'microbank' };
  expect(find(overlay, 'RabbitmqBrokerConfig', 'bank').spec).toEqual({
    rabbitmqClusterReference: cluster,
    queueType: 'quorum',
  });
  expect(find(overlay, 'RabbitmqCluster', 'bank').spec).toMatchObject({ delayStartSeconds: 0 });
});

test.each(overlays)('every relay of $name is woken each minute, and is at zero between', (overlay) => {
  const sinks = ofKind(overlay, 'sources.knative.dev/v1', 'PingSource').map((source) => {
    expect(source.spec).toMatchObject({ schedule: '* * * * *' });
    return (source.spec as { sink: { ref: { name: string } } }).sink.ref.name;
  });
  const relays = all.filter(({ contract }) => contract.name === 'relay').map(({ name }) => name);
  expect(sinks.sort()).toEqual(relays);
  expect(all.filter(({ name }) => relays.includes(name)).map(({ settings }) => settings.windowSeconds)).toEqual([6, 6]);
});

function typeOf({ spec }: Manifest): string {
  return (spec as { filter: { attributes: { type: string } } }).filter.attributes.type;
}

function subscriberOf({ spec }: Manifest): string {
  return (spec as { subscriber: { ref: { name: string } } }).subscriber.ref.name;
}
