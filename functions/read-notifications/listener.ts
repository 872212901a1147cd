// One dedicated connection that hears which people have something new; it comes back by itself when it is lost.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Logger } from 'pino';

const connectTimeoutMs = 5_000;
const firstDelayMs = 100;
const longestDelayMs = 5_000;

export type Listening = {
  /** Postgres itself or a session pooler: a transaction pooler loses LISTEN, and the feed's poll has to do. */
  connectionString: string;
  /** Someone has something new. */
  hear: (userId: number) => void;
  /** Listening began or began again: what was sent in between was not heard. */
  onConnected: () => void;
  log: Logger;
};

/** Listens until the signal is aborted, and reconnects with growing delays until then. Never throws. */
export async function listen(listening: Listening, signal: AbortSignal): Promise<void> {
  let delayMs = firstDelayMs;
  while (!signal.aborted) {
    try {
      await listenOnce(listening, signal, () => (delayMs = firstDelayMs));
    } catch (error) {
      listening.log.warn({ err: error, retry_ms: delayMs }, 'notification listener lost its connection');
    }
    // Jitter, so that copies of this function that lost one database together don't all come back in one instant.
    await sleep(delayMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }
}

async function listenOnce(
  { connectionString, hear, onConnected }: Listening,
  signal: AbortSignal,
  onSuccess: () => void,
): Promise<void> {
  const client = new Client({
    connectionString,
    application_name: 'read-notifications listener',
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
  });
  const ended = new Promise<void>((resolve, reject) => {
    client.once('end', resolve);
    client.on('error', reject);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  // It may fail while connect() is awaited, which then throws as well.
  ended.catch(() => undefined);
  client.on('notification', ({ payload }) => hear(Number(payload)));

  try {
    await client.connect();
    await client.query('listen notification');
    onSuccess();
    onConnected();
    await ended;
  } finally {
    await client.end().catch(() => undefined);
  }
}
