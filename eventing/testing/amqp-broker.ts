// A broker on a real RabbitMQ for tests, with triggers written for the test and names of its own, so that tests can share a RabbitMQ.
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type AmqpBroker, type AmqpBrokerSettings, startAmqpBroker } from '../broker/amqp.ts';
import { toBinaryMessage } from '../events/cloudevent.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import { givenTriggers, type TriggerToWrite } from './broker.ts';
import { startRabbitMq, type RabbitMq } from './rabbitmq.ts';

type LogLine = Record<string, unknown> & { msg: string };

export type TestAmqpBroker = AmqpBroker & {
  /** What the exchange and the queues are named after. */
  name: string;
  log: LogLine[];
  /** Posts in binary mode; resolves with the status. */
  send: (event: OutboxEvent) => Promise<number>;
};

/** One RabbitMQ for the file that calls this at its top; starting it takes seconds. */
export function givenRabbitMq(): RabbitMq {
  let rabbit: RabbitMq | undefined;
  beforeAll(async () => {
    rabbit = await startRabbitMq();
  }, 90_000);
  afterAll(() => rabbit?.close(), 60_000);
  return new Proxy({} as RabbitMq, { get: (_target, name) => rabbit?.[name as keyof RabbitMq] });
}

/** Give the `name` of another to stand beside it, or in its place, on the same queues. Retries do not wait. */
export async function givenAmqpBroker(
  { url }: Pick<RabbitMq, 'url'>,
  triggers: TriggerToWrite[],
  options: Partial<AmqpBrokerSettings> & { name?: string } = {},
): Promise<TestAmqpBroker> {
  const { name = `test-${randomBytes(4).toString('hex')}`, ...settings } = options;
  const log: LogLine[] = [];
  const stream = { write: (line: string) => void log.push(JSON.parse(line) as LogLine) };
  const broker = await startAmqpBroker({
    url,
    triggersFolder: await givenTriggers(triggers, name),
    broker: name,
    resolveSubscriber: (service) => `http://${service}.invalid`,
    log: pino({ base: null }, stream),
    sleep: async () => {},
    deadLetterPauseMs: 200,
    closeTimeoutMs: 1_000,
    ...settings,
  });
  onTestFinished(() => broker.close());
  const send = async (event: OutboxEvent): Promise<number> =>
    (await fetch(broker.url, { method: 'POST', ...toBinaryMessage(event) })).status;
  return { ...broker, name, log, send };
}
