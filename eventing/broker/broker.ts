// What the two brokers have in common for those who use them, and the front door that both open.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { DeliveryCounts, QueueState } from './delivery-counts.ts';
import type { Dispatch } from './delivery.ts';
import { withProof } from '../signing/platform-proof.ts';
import { createIngress } from './ingress.ts';
import { readTriggers } from './read-triggers.ts';
import type { ResolveSubscriber, Route } from './routing.ts';
import type { Trigger } from './trigger.ts';

export type Broker = {
  /** Where events are posted to. */
  url: string;
  /** Takes no more events and finishes the tries under way, for a bounded time; what is not safe by then gets 503. */
  close: () => Promise<void>;
  /** Since the start, by trigger. */
  counts: DeliveryCounts;
  /** What waits, one row for each queue; nothing while that can't be known. */
  queues: () => Promise<QueueState[]>;
};

export type BrokerSettings = {
  triggersFolder: string;
  /** The name that the triggers have as their `spec.broker`. */
  broker?: string;
  /** Shown with dead letters, as the manifests say where: dead-letter takes them from nobody else. */
  platformProof?: string;
  /** Called for each delivery, so it may answer differently once the functions are served. */
  resolveSubscriber: ResolveSubscriber;
  log: Logger;
  /** 0, the default: any free port. */
  port?: number;
  host?: string;
  /** Whether a request means this broker, by the name it asks for; any does when absent. */
  isForUs?: (request: IncomingMessage) => boolean;
  /** How to wait before the next try of a delivery. */
  sleep?: Dispatch['sleep'];
  closeTimeoutMs?: number;
};

/** The manifests, with the platform's proof in them. @throws TriggersRefused, naming file and field. */
export async function readOwnTriggers({
  triggersFolder,
  broker,
  platformProof,
}: Pick<BrokerSettings, 'triggersFolder' | 'broker' | 'platformProof'>): Promise<Trigger[]> {
  const triggers = await readTriggers(triggersFolder, broker);
  if (platformProof === undefined) return triggers;
  return triggers.map(({ deadLetterSink: { service, uri }, ...trigger }) => ({
    ...trigger,
    deadLetterSink: { service, uri: uri === undefined ? undefined : withProof(uri, platformProof) },
  }));
}

/** Connections to one host; on a laptop that is every function together. */
export const connectionsMax = 128;

export type FrontDoor = {
  url: string;
  /** Takes no more events; those under way have so much time. */
  close: (timeoutMs: number) => Promise<void>;
};

/** Serves the ingress. Rejects with the listening socket's error, e.g. when the port is taken. */
export async function openFrontDoor(
  route: Route,
  { log, port = 0, host = '127.0.0.1', isForUs }: BrokerSettings,
): Promise<FrontDoor> {
  const server = createIngress(route, log, isForUs);
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`,
    async close(timeoutMs) {
      const closed = new Promise((resolve) => server.close(resolve));
      // A connection that becomes idle only now would otherwise be kept alive for more than a minute.
      const sweeping = setInterval(() => server.closeIdleConnections(), 20);
      await Promise.race([closed, pause(timeoutMs, undefined, { ref: false })]);
      clearInterval(sweeping);
      server.closeAllConnections();
      await closed;
    },
  };
}

export async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  // A rejection only says that it was aborted, which the caller asks the signal about.
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
