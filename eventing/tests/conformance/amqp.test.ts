// The conformance suite against the broker that keeps its events in RabbitMQ, on a RabbitMQ node of its own.
import { startAmqpBroker } from '../../broker/amqp.ts';
import { startRabbitMq } from '../../testing/rabbitmq.ts';
import { testConformance } from './conformance.ts';
import { inThisProcess, withTriggers } from './testing/triggers-folder.ts';

testConformance(
  {
    ...inThisProcess,
    kind: 'amqp',
    async open(triggers) {
      const rabbitmq = await startRabbitMq();
      try {
        const broker = await withTriggers(triggers, (settings) => startAmqpBroker({ ...settings, url: rabbitmq.url }));
        const close = () => broker.close().finally(rabbitmq.close);
        return { url: broker.url, close };
      } catch (error) {
        await rabbitmq.close();
        throw error;
      }
    },
  },
  90_000,
);
