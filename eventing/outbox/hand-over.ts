// Hands events to the broker after their commit; the rest is for sweep.ts. Next in the story: eventing/broker/in-process.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createPoster, type Poster } from '../post-event.ts';
import { createMarker } from './mark.ts';
import type { OutboxEvent } from './outbox-event.ts';
import { sendEvent } from './send-event.ts';
import { createWorkQueue } from './work-queue.ts';

/** The databases that have an outbox. */
export type OutboxContext = 'users' | 'ledger';

export type HandOver = {
  /** Takes an event whose transaction has committed. Returns at once, never throws; the row in the outbox is the promise. */
  push: (context: OutboxContext, event: OutboxEvent) => void;
  /** Resolves when everything pushed so far was tried, and marked if the broker took it. */
  drained: () => Promise<void>;
  /** Takes no more, finishes what is under way for a bounded time, and ends its connections. */
  close: () => Promise<void>;
};

export type HandOverSettings = {
  /** Undefined: nothing is handed over here, all is left to the relay. */
  brokerUrl: string | undefined;
  mark: (context: OutboxContext, ids: readonly string[]) => Promise<void>;
  /** Consumers refuse an event without the signature of its context; without this nothing is signed. */
  sign?: (context: OutboxContext, event: OutboxEvent) => Promise<string>;
  log: Logger;
  /** Requests under way at once. */
  concurrencyMax?: number;
  /** Events waiting in memory, about 1 KiB each. */
  queueMax?: number;
  /** A broker may wait without limit when its own broker is out of memory (RabbitMQ's alarm). */
  timeoutMs?: number;
  /** Shorter than the 10 s for which the row is ours (`outbox.next_attempt_at`), so a backlog is not sent twice. */
  staleAfterMs?: number;
  closeTimeoutMs?: number;
  /** Milliseconds, monotonic. */
  now?: () => number;
  poster?: Poster;
};

type Waiting = { context: OutboxContext; event: OutboxEvent; pushedAt: number };

export function createHandOver(settings: HandOverSettings): HandOver {
  const { brokerUrl, mark, sign, log, concurrencyMax = 16, queueMax = 10_000, timeoutMs = 10_000 } = settings;
  const { staleAfterMs = 8_000, closeTimeoutMs = 5_000, now = () => performance.now() } = settings;
  if (brokerUrl === undefined) return { push: () => {}, drained: async () => {}, close: async () => {} };

  const broker = new URL(brokerUrl);
  const { poster = createPoster(concurrencyMax) } = settings;
  const markers = {
    users: createMarker((ids) => mark('users', ids), log),
    ledger: createMarker((ids) => mark('ledger', ids), log),
  };
  const leave = createLeftToRelayLog(log, now);
  let closed = false;

  const queue = createWorkQueue<Waiting>({ concurrencyMax, queueMax }, async ({ context, event, pushedAt }) => {
    if (now() - pushedAt > staleAfterMs) return leave(event, 'it waited too long');
    const signing = sign && ((): Promise<string> => sign(context, event));
    const sent = await sendEvent(poster, broker, event, timeoutMs, signing);
    if (sent.taken) markers[context].add(event.id);
    else leave(event, sent.reason);
  });

  async function drained(): Promise<void> {
    await queue.idle();
    await Promise.all([markers.users.flush(), markers.ledger.flush()]);
  }

  return {
    push(context, event) {
      if (closed) return;
      if (!queue.put({ context, event, pushedAt: now() })) leave(event, 'too many events are waiting');
    },
    drained,
    async close() {
      closed = true;
      await Promise.race([drained(), sleep(closeTimeoutMs, undefined, { ref: false })]);
      queue.clear();
      poster.close();
      await drained();
    },
  };
}

/** One line per second at most: with the broker away, every transaction of the bank comes through here. */
function createLeftToRelayLog(log: Logger, now: () => number): (event: OutboxEvent, reason: string) => void {
  let count = 0;
  let loggedAt = -Infinity;
  return (event, reason) => {
    count++;
    if (now() - loggedAt < 1_000) return;
    const { id, type, traceparent } = event;
    log.warn({ event_id: id, event_type: type, traceparent, reason, count }, 'events were left to the relay');
    loggedAt = now();
    count = 0;
  };
}
