// An in-process broker for tests, with triggers written for the test and a clock that does not wait.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { Broker } from '../broker/broker.ts';
import { startInProcessBroker } from '../broker/in-process.ts';
import { transactionCompleted } from '../events/transaction-completed.ts';
import { toBinaryMessage } from '../events/cloudevent.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';

export type TriggerToWrite = {
  /** Addresses; a trigger is named by its place in the list. */
  subscriber: string;
  deadLetterSink?: string;
  attributes?: Record<string, string>;
  retry?: number;
  timeout?: string;
  backoffPolicy?: 'linear' | 'exponential';
  parallelism?: number;
};

export type TestBroker = Broker & {
  /** The waits between tries, in milliseconds; none of them was waited for. */
  sleeps: number[];
  /** Posts in binary mode; resolves with the broker's answer. */
  send: (event: OutboxEvent) => Promise<Response>;
};

export async function givenBroker(
  triggers: TriggerToWrite[],
  options: { sleep?: () => Promise<void> } = {},
): Promise<TestBroker> {
  const triggersFolder = await givenTriggers(triggers);
  const sleeps: number[] = [];
  const broker = await startInProcessBroker({
    triggersFolder,
    resolveSubscriber: (name) => `http://${name}.invalid`,
    log: pino({ level: 'silent' }),
    sleep: async (ms) => {
      sleeps.push(ms);
      await options.sleep?.();
    },
    closeTimeoutMs: 500,
  });
  onTestFinished(() => broker.close());

  const send = (event: OutboxEvent): Promise<Response> =>
    fetch(broker.url, { method: 'POST', ...toBinaryMessage(event) });
  return { ...broker, sleeps, send };
}

/** A folder of manifests. */
export async function givenTriggers(triggers: TriggerToWrite[], broker = 'bank'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'triggers-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(
    join(folder, 'all.yaml'),
    triggers.map((trigger, i) => stringify(toManifest(trigger, `t${i}`, broker))).join('---\n'),
  );
  return folder;
}

function toManifest(trigger: TriggerToWrite, name: string, broker: string): object {
  const {
    attributes = { type: transactionCompleted.type },
    retry = 0,
    timeout = 'PT5S',
    backoffPolicy = 'exponential',
  } = trigger;
  const annotations = { 'rabbitmq.eventing.knative.dev/parallelism': String(trigger.parallelism ?? 10) };
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: { name, annotations },
    spec: {
      broker,
      filter: { attributes },
      subscriber: { uri: trigger.subscriber },
      delivery: {
        retry,
        backoffPolicy,
        backoffDelay: 'PT0.5S',
        timeout,
        // Port 9 discards: nothing listens there.
        deadLetterSink: { uri: trigger.deadLetterSink ?? 'http://127.0.0.1:9' },
      },
    },
  };
}
