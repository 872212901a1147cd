// Shows what the broker of a bank in one process does. On a cluster RabbitMQ and Knative's dispatchers show it themselves.
import type { Broker } from '../../eventing/broker/broker.ts';
import { deliveryOutcomes } from '../../eventing/broker/delivery-counts.ts';
import { keptFor } from '../../functions/shared/watch/kept-for.ts';
import type { Metrics } from '../../functions/shared/watch/metrics.ts';

/** RabbitMQ is asked for each queue by itself. */
const keptMs = 2_000;

export function measureBroker(metrics: Metrics, { counts, queues }: Pick<Broker, 'counts' | 'queues'>): void {
  metrics.family(
    {
      name: 'microbank_broker_deliveries_total',
      help: 'Events at a trigger: delivered, retried, refused by their subscriber (which counts as delivered), given up.',
      type: 'counter',
    },
    () =>
      [...counts].flatMap(([trigger, own]) =>
        deliveryOutcomes.map((outcome) => ({ labels: { trigger, outcome }, value: own[outcome] })),
      ),
  );
  const read = keptFor(keptMs, queues);
  metrics.gauge(
    {
      name: 'microbank_broker_queue_messages',
      help: 'Events that wait in a queue for their consumer.',
      labels: ['queue'],
    },
    async () => (await read()).map(({ queue, messages }) => ({ labels: { queue }, value: messages })),
  );
  metrics.gauge(
    { name: 'microbank_broker_queue_consumers', help: 'Consumers of a queue; 0: nobody delivers.', labels: ['queue'] },
    async () => (await read()).map(({ queue, consumers }) => ({ labels: { queue }, value: consumers })),
  );
}
