// The broker on RabbitMQ as a process of its own, so that it can be killed while the functions live on.
import { startAmqpBroker } from '../../../broker/amqp.ts';
import { createLog } from '../../../../functions/shared/watch/log.ts';
import { triggersFolder } from '../../../../platform/local/settings.ts';
import { runProgram } from '../../../testing/program.ts';

export type BrokerProgramSettings = {
  /** Of RabbitMQ. */
  amqpUrl: string;
  /** The same after each start. */
  port: number;
  /** Functions are at `<functionsUrl>/<name>`. */
  functionsUrl: string;
  /** Shown with dead letters. */
  platformProof: string;
};

runProgram(async ({ amqpUrl, port, functionsUrl, platformProof }: BrokerProgramSettings) => {
  const broker = await startAmqpBroker({
    url: amqpUrl,
    port,
    triggersFolder,
    platformProof,
    resolveSubscriber: (name, uri = '/') => `${functionsUrl}/${name}${uri}`,
    log: createLog('warn'),
    readyTimeoutMs: 60_000,
  });
  return broker.url;
});
