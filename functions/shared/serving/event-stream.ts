// Server-sent events: one `id`, `event` and `data` each, a comment when nothing happens, an end when the caller leaves.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { EventStream, StreamedEvent } from '../handler/answer.ts';
import type { Signed } from '../access/check-token.ts';
import { commonHeaders } from '../contract/headers.ts';

/** Proxies close what is silent; most wait 30 s or more. */
const heartbeatMs = 10_000;
/** For so long a client may leave what it was sent unread. */
const stalledMsMax = 30_000;
/** How long a browser waits before it connects again, with Last-Event-ID. */
const retryMs = 2_000;

/**
 * Streams until the events end, the client leaves, `signal` aborts, or the token that it was opened with is over: the end of a session
 * is told by a last event `ended`, an expired token's successor may open it again. Rejects when the events do.
 */
export async function sendEventStream(
  response: ServerResponse,
  stream: EventStream,
  signal: AbortSignal,
  untilOver: Signed['untilOver'] = () => new Promise(() => undefined),
): Promise<void> {
  response.writeHead(200, {
    ...commonHeaders,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx and others would hold events back until their buffer is full.
    'x-accel-buffering': 'no',
  });
  response.write(`retry: ${retryMs}\n\n`);

  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs);
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
    if (signal.aborted) resolve(undefined);
  });
  const finished = new AbortController();
  const over = untilOver(AbortSignal.any([signal, finished.signal])).then(
    (reason) => (reason === 'session_ended' ? { event: 'ended', data: { reason } } : undefined),
    () => undefined,
  );
  const events = stream.events[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([events.next(), aborted, over]);
      if (next === undefined) return;
      if ('event' in next) {
        response.write(format(next));
        return;
      }
      if (next.done === true) return;
      const hasRoom = response.write(format(next.value));
      if (!hasRoom && !(await hasDrained(response, signal))) return;
    }
  } finally {
    clearInterval(heartbeat);
    finished.abort();
    // Not awaited: a source that is still waiting for its next event would hold the shutdown.
    void Promise.resolve(events.return?.()).catch(() => undefined);
    response.end();
  }
}

/** False when the signal was aborted, or the client read nothing for so long: it is dead, or it means to fill our memory. */
async function hasDrained(response: ServerResponse, signal: AbortSignal): Promise<boolean> {
  const drained = once(response, 'drain', { signal: AbortSignal.any([signal, AbortSignal.timeout(stalledMsMax)]) });
  const isDrained = await drained.then(
    () => true,
    () => false,
  );
  // Ending it would wait for the client.
  if (!isDrained && !signal.aborted) response.destroy();
  return isDrained;
}

function format(event: StreamedEvent): string {
  const id = event.id === undefined ? '' : `id: ${oneLine(event.id)}\n`;
  return `${id}event: ${oneLine(event.event)}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

/** A line break would end the field, and let its text become others. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, ' ');
}
