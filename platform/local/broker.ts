// The broker of `npm start`: on RabbitMQ when AMQP_URL names one, otherwise in this process.
import type { Logger } from 'pino';
import { RabbitMqUnavailable, startAmqpBroker } from '../../eventing/broker/amqp.ts';
import type { Broker, BrokerSettings } from '../../eventing/broker/broker.ts';
import { startInProcessBroker } from '../../eventing/broker/in-process.ts';
import { TriggersRefused } from '../../eventing/broker/read-triggers.ts';
import type { Surroundings } from './surroundings.ts';
import { CannotStart } from './cannot-start.ts';
import { isForLocalName } from './local-names.ts';
import { triggersFolder, type Settings } from './settings.ts';

/** @throws CannotStart for a trigger that can't be honoured and for a RabbitMQ that is not there. */
export async function openBroker(
  settings: Pick<Settings, 'amqpUrl'> & { triggersFolder?: string; platformProof: string },
  insideUrl: string,
  log: Logger,
  { steps, undo, say }: Pick<Surroundings, 'steps' | 'undo' | 'say'>,
): Promise<Broker> {
  const { amqpUrl, triggersFolder: folder = triggersFolder, platformProof } = settings;
  const brokerSettings: BrokerSettings = {
    triggersFolder: folder,
    log,
    platformProof,
    isForUs: isForLocalName,
    resolveSubscriber: (name, uri = '/') => `${insideUrl}/${name}${uri}`,
  };
  const { broker } = await steps.take(
    async () => {
      try {
        if (amqpUrl === undefined)
          return { broker: await startInProcessBroker(brokerSettings), where: 'in this process' };
        const started = await startAmqpBroker({
          ...brokerSettings,
          url: amqpUrl,
          onWaiting: say,
          signal: steps.signal,
        });
        return { broker: started, where: `RabbitMQ on ${started.rabbitmq}, ${started.queueType} queues` };
      } catch (error) {
        throw explain(error);
      }
    },
    ({ where }) => `broker, ${where}, with the triggers of eventing/triggers`,
  );
  undo.defer(broker.close);
  return broker;
}

function explain(error: unknown): Error {
  if (error instanceof TriggersRefused)
    return new CannotStart(`eventing/triggers: ${error.problems.join('; ')}`, { cause: error });
  if (error instanceof RabbitMqUnavailable) return new CannotStart(error.message, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}
