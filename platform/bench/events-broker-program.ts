// A broker as a process of its own: on RabbitMQ, or in process when there is no address of one.
import { startAmqpBroker } from '../../eventing/broker/amqp.ts';
import { startInProcessBroker } from '../../eventing/broker/in-process.ts';
import { runProgram } from '../../eventing/testing/program.ts';
import { createLog } from '../../functions/shared/watch/log.ts';
import { triggersFolder } from '../local/settings.ts';

export type EventsBrokerSettings = {
  amqpUrl: string | undefined;
  /** Of whatever stands for all functions. */
  subscriberUrl: string;
};

runProgram(async ({ amqpUrl, subscriberUrl }: EventsBrokerSettings) => {
  const settings = { triggersFolder, resolveSubscriber: () => subscriberUrl, log: createLog('warn') };
  const broker = amqpUrl ? startAmqpBroker({ ...settings, url: amqpUrl }) : startInProcessBroker(settings);
  return (await broker).url;
});
