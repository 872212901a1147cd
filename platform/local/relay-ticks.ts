// Wakes the relay at the start and each minute, as the PingSources of eventing/sources do on a cluster.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { withProof } from '../../eventing/signing/platform-proof.ts';
import type { PingSource } from './ping-sources.ts';

const everyMs = 60_000;
/** A tick is answered within 55 s, even by a relay whose broker hangs. */
const timeoutMs = 57_000;
const stopMs = 3_000;

/** Where the relay is, and what the platform shows there. */
export type Relay = { url: string; proof: string };

export type RelayTicks = { stop: () => Promise<void> };

/**
 * On a cluster each context has a relay of its own; here one function serves them all. `stop` waits a little for
 * ticks that are under way, then leaves them: the relay can be interrupted at any point.
 */
export function startRelayTicks(sources: readonly PingSource[], relay: Relay, log: Logger): RelayTicks {
  const stopping = new AbortController();
  let ticks: Promise<unknown> = Promise.resolve();
  const start = (): void => {
    // One after the other: the time-out is shorter than the pause.
    ticks = Promise.all(
      sources.map((source) =>
        sendTick(source, relay, stopping.signal).catch((error: unknown) => {
          if (!stopping.signal.aborted) log.warn({ err: error, source: source.name }, 'relay tick failed');
        }),
      ),
    );
  };
  start();
  const timer = setInterval(start, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.race([ticks, sleep(stopMs, undefined, { ref: false })]);
      stopping.abort();
      await ticks;
    },
  };
}

/** Resolves when the relay has done this tick's work. @throws when it can't be reached or did not do it. */
export async function sendTick(source: PingSource, { url, proof }: Relay, signal: AbortSignal): Promise<void> {
  const headers = {
    'content-type': source.contentType,
    'ce-specversion': '1.0',
    'ce-id': randomUUID(),
    'ce-source': `/apis/v1/namespaces/${source.namespace}/pingsources/${source.name}`,
    'ce-type': 'dev.knative.sources.ping',
    'ce-time': new Date().toISOString(),
  };
  const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const response = await fetch(url + withProof(source.uri, proof), {
    method: 'POST',
    headers,
    body: source.data,
    signal: until,
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the relay answered ${response.status}`);
}
