// Wakes the relay function at the start and each minute, as a PingSource does on a cluster.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

const everyMs = 60_000;
const timeoutMs = 50_000;
const stopMs = 3_000;

export type RelayTicks = { stop: () => Promise<void> };

/** `stop` waits a little for a tick that is under way, then leaves it: the relay can be interrupted at any point. */
export function startRelayTicks(relayUrl: string, log: Logger): RelayTicks {
  const stopping = new AbortController();
  let tick = Promise.resolve();
  const start = (): void => {
    // One after the other: the time-out is shorter than the pause.
    tick = sendTick(relayUrl, stopping.signal).catch((error: unknown) => {
      if (!stopping.signal.aborted) log.warn({ err: error }, 'relay tick failed');
    });
  };
  start();
  const timer = setInterval(start, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.race([tick, sleep(stopMs, undefined, { ref: false })]);
      stopping.abort();
      await tick;
    },
  };
}

async function sendTick(relayUrl: string, signal: AbortSignal): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': randomUUID(),
    'ce-source': '/apis/v1/namespaces/microbank/pingsources/relay',
    'ce-type': 'dev.knative.sources.ping',
    'ce-time': new Date().toISOString(),
  };
  const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const response = await fetch(relayUrl, { method: 'POST', headers, body: '{}', signal: until });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the relay answered ${response.status}`);
}
