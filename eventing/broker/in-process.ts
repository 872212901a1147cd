// A Knative Broker without a cluster: routes events by the same Trigger manifests. Next in the story: functions/notify/notify.ts.
// It keeps nothing: 202 only after every subscriber answered, so the sender's outbox keeps what a crash would lose.
import { once, setMaxListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createPoster } from '../post-event.ts';
import type { Dispatch } from './delivery.ts';
import { createIngress } from './ingress.ts';
import { readTriggers } from './read-triggers.ts';
import { createRouting, type ResolveSubscriber } from './routing.ts';

export type InProcessBroker = {
  /** Where events are posted to. */
  url: string;
  /** Takes no more events and finishes the tries under way, for a bounded time; what is not safe by then gets 503. */
  close: () => Promise<void>;
};

export type InProcessBrokerSettings = {
  triggersFolder: string;
  /** Called for each delivery, so it may answer differently once the functions are served. */
  resolveSubscriber: ResolveSubscriber;
  log: Logger;
  /** 0, the default: any free port. */
  port?: number;
  host?: string;
  sleep?: Dispatch['sleep'];
  closeTimeoutMs?: number;
};

/** Connections to one host; on a laptop that is every function together. */
const connectionsMax = 128;

/** Throws TriggersRefused, naming file and field, or the listening socket's error. */
export async function startInProcessBroker(settings: InProcessBrokerSettings): Promise<InProcessBroker> {
  const { triggersFolder, resolveSubscriber, log, port = 0, host = '127.0.0.1', closeTimeoutMs = 5_000 } = settings;
  const triggers = await readTriggers(triggersFolder);
  const stopping = new AbortController();
  // Each delivery that waits for its next try listens; their number is limited by the ingress.
  setMaxListeners(0, stopping.signal);
  const poster = createPoster(connectionsMax);
  const route = createRouting(triggers, resolveSubscriber, {
    poster,
    log,
    sleep: settings.sleep ?? sleepUntilAborted,
    signal: stopping.signal,
  });
  const server = createIngress(route, log);

  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      stopping.abort();
      // A connection that becomes idle only now would otherwise be kept alive for more than a minute.
      const sweeping = setInterval(() => server.closeIdleConnections(), 20);
      await Promise.race([closed, pause(closeTimeoutMs, undefined, { ref: false })]);
      clearInterval(sweeping);
      poster.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  // A rejection only says that it was aborted, which the caller asks the signal about.
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
