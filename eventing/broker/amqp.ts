// A Knative Broker on RabbitMQ without a cluster: 202 once RabbitMQ has the event on disk, then one queue per trigger.
// What it has in RabbitMQ: amqp-topology.ts. How an event goes to its subscriber: amqp-dispatcher.ts.
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import type { Logger } from 'pino';
import { createPoster } from '../post-event.ts';
import { type AmqpAddress, parseAmqpUrl } from './amqp-address.ts';
import { InvalidEvent } from '../events/invalid-event.ts';
import type { Consumer } from './amqp-consumer.ts';
import { declareTopology, unbindStale } from './amqp-declare.ts';
import { createDispatcher } from './amqp-dispatcher.ts';
import { keepLink, type Link, type LinkSettings } from './amqp-link.ts';
import { createPublisher, type Publisher } from './amqp-publisher.ts';
import { createQueueReader, type QueueReader } from './amqp-queues.ts';
import {
  deadOf,
  exchangeOf,
  queueOf,
  type QueueType,
  queueTypeOf,
  type Topology,
  topologyOf,
} from './amqp-topology.ts';
import {
  connectionsMax,
  openFrontDoor,
  readOwnTriggers,
  sleepUntilAborted,
  type Broker,
  type BrokerSettings,
} from './broker.ts';
import { createDeliveryCounter } from './delivery-counts.ts';
import { isDeadLetter, type Route } from './routing.ts';
import type { Trigger } from './trigger.ts';

export type AmqpBroker = Broker & {
  /** host:port of RabbitMQ. */
  rabbitmq: string;
  queueType: QueueType;
};

export type AmqpBrokerSettings = BrokerSettings & {
  /** amqp:// or amqps://, with user and password. */
  url: string;
  /** How long a RabbitMQ that is not there yet is waited for. */
  readyTimeoutMs?: number;
  /** Ends the waiting early; no more than that. */
  signal?: AbortSignal;
  /** Called when RabbitMQ is not there yet, and again as the waiting goes on. */
  onWaiting?: (line: string) => void;
  /** How long RabbitMQ may take to confirm an event before its sender is told to keep it. */
  confirmTimeoutMs?: number;
  /** Before a dead letter that its sink did not take comes to it again. */
  deadLetterPauseMs?: number;
};

/** RabbitMQ was not there in time, or does not let us in; one line that says why, without the password. */
export class RabbitMqUnavailable extends Error {}

/** Throws TriggersRefused, RabbitMqUnavailable or the listening socket's error. Once it runs, it outlasts any absence of RabbitMQ. */
export async function startAmqpBroker(settings: AmqpBrokerSettings): Promise<AmqpBroker> {
  const { broker = 'bank', log, closeTimeoutMs = 5_000, deadLetterPauseMs = 10_000 } = settings;
  const address = parseAmqpUrl(settings.url);
  const triggers = await readOwnTriggers(settings);
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // Each delivery that waits for its next try listens.
  const poster = createPoster(connectionsMax);
  const publisher = createPublisher(log, settings.confirmTimeoutMs);
  const dispatch = { poster, log, sleep: settings.sleep ?? sleepUntilAborted };
  const { resolveSubscriber } = settings;
  const counter = createDeliveryCounter(triggers);
  const queues = createQueueReader(triggers.flatMap(({ name }) => [queueOf(broker, name), deadOf(broker, name)]));
  const shared = {
    ...{ broker, resolveSubscriber, publisher, dispatch, counter },
    ...{ stopping: stopping.signal, deadLetterPauseMs },
  };
  const consumers = triggers.flatMap((trigger) => createDispatcher(trigger, shared));
  const links = await openLinks({ broker, address, triggers, publisher, consumers, queues }, settings);
  const door = await openFrontDoor(createRoute(broker, publisher, log), settings).catch(async (error: unknown) => {
    await links.close();
    throw error;
  });

  return {
    url: door.url,
    rabbitmq: address.host,
    queueType: links.queueType,
    counts: counter.counts,
    queues: queues.read,
    async close() {
      stopping.abort();
      const stopped = Promise.all(consumers.map((consumer) => consumer.stop()));
      await Promise.all([
        door.close(closeTimeoutMs),
        Promise.race([stopped, pause(closeTimeoutMs, undefined, { ref: false })]),
      ]);
      await links.close(); // What is still unacknowledged goes back into its queue.
      poster.close();
    },
  };
}

type Parts = {
  broker: string;
  address: AmqpAddress;
  triggers: readonly Trigger[];
  publisher: Publisher;
  consumers: readonly Consumer[];
  queues: QueueReader;
};

/** Two connections: RabbitMQ stops reading from one that publishes when it is short of memory, acknowledgements included. */
async function openLinks(
  { broker, address, triggers, publisher, consumers, queues }: Parts,
  settings: AmqpBrokerSettings,
): Promise<{ queueType: QueueType; close: () => Promise<void> }> {
  const { log } = settings;
  const declare = declaring(broker, triggers, log);
  const links: Link[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(links.map((link) => link.close()));
  };
  const open = async (purpose: string, setUp: LinkSettings['setUp']): Promise<void> => {
    const waiting = waitUntilUp(address, settings);
    links.push(keepLink({ address, purpose, setUp, log, onUp: waiting.onUp, onDown: waiting.onDown }));
    await waiting.up;
  };
  let queueType: QueueType = 'quorum';
  try {
    await open('publishes', async (connection, lost, giveUp) => {
      const topology = await declare(connection);
      queueType = topology.type;
      await tidy(unbindStale(connection, broker, triggers, topology, log), log);
      await publisher.use(connection, lost, giveUp);
      queues.use('publishes', connection, lost);
    });
    await open('delivers', async (connection, lost, giveUp) => {
      await declare(connection);
      for (const consumer of consumers) await consumer.use(connection, lost, giveUp);
      queues.use('delivers', connection, lost);
    });
    return { queueType, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function createRoute(broker: string, publisher: Publisher, log: Logger): Route {
  const unwanted = new Set<string>();
  return async (event) => {
    if (isDeadLetter(event, log)) return true;
    const published = await publisher.publish(exchangeOf(broker), event, 0);
    const { id: event_id, type: event_type = '', traceparent } = event.attributes;
    if (published === 'unroutable' && !unwanted.has(event_type)) {
      // Once for each type: as with a Knative Broker, an event that nobody wants is taken, and it is no fault.
      if (unwanted.size < 1_000) unwanted.add(event_type);
      log.warn({ event_id, event_type, traceparent }, 'event was taken, but no trigger wants its type');
    }
    if (published === 'impossible') throw new InvalidEvent('RabbitMQ has no room for the attributes of this event');
    return published !== 'unsafe';
  };
}

/** Before anything else on each connection: RabbitMQ may have come back without its data. */
function declaring(broker: string, triggers: readonly Trigger[], log: Logger) {
  return async (connection: ChannelModel): Promise<Topology & { type: QueueType }> => {
    const serverVersion = connection.connection.serverProperties.version;
    const type = queueTypeOf(serverVersion);
    const topology = topologyOf(broker, triggers, { type, serverVersion });
    await declareTopology(connection, topology, log);
    return { ...topology, type };
  };
}

/** What is left of earlier triggers is a nuisance, no reason to take no events. */
async function tidy(tidying: Promise<void>, log: Logger): Promise<void> {
  const tidied = tidying.catch((error: unknown) => {
    log.warn({ err: error }, 'filters of earlier triggers could not be unbound');
  });
  await Promise.race([tidied, pause(tidyTimeoutMs, undefined, { ref: false })]);
}

const tidyTimeoutMs = 3_000;

type Waiting = Pick<LinkSettings, 'onUp' | 'onDown'> & { up: Promise<void> };

/** Time does not cure these. */
const refusals = /ACCESS.REFUSED|NOT.ALLOWED|not found in vhost|certificate/i;
const sayEveryMs = 5_000;

function waitUntilUp({ host }: AmqpAddress, settings: AmqpBrokerSettings): Waiting {
  const { readyTimeoutMs = 30_000, onWaiting, signal } = settings;
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const startedAt = performance.now();
  let reason = 'no answer';
  let sayAt = startedAt;
  const refuse = (): void =>
    reject(new RabbitMqUnavailable(`RabbitMQ on ${host} can't be used (${reason}); start it, or correct AMQP_URL`));
  const timer = setTimeout(refuse, readyTimeoutMs);
  signal?.addEventListener('abort', refuse);
  const clear = (): void => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', refuse);
  };
  return {
    up: promise.finally(clear),
    onUp: () => resolve(undefined),
    onDown(why) {
      reason = why;
      if (refusals.test(why)) refuse();
      const now = performance.now();
      if (now < sayAt) return;
      sayAt = now + sayEveryMs;
      const leftSeconds = Math.ceil((startedAt + readyTimeoutMs - now) / 1_000);
      if (leftSeconds > 0) onWaiting?.(`waiting ${leftSeconds} s more for RabbitMQ on ${host}: ${why}`);
    },
  };
}
