// Server-sent events: one `id`, `event` and `data` each, a comment when nothing happens, an end when the caller leaves.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { EventStream, StreamedEvent } from '../handler/answer.ts';
import { commonHeaders } from '../contract/headers.ts';

/** Proxies close what is silent; most wait 30 s or more. */
const heartbeatMs = 10_000;
/** How long a browser waits before it connects again, with Last-Event-ID. */
const retryMs = 2_000;

/** Streams until the events end, the client leaves or `signal` aborts. Rejects when the events do. */
export async function sendEventStream(
  response: ServerResponse,
  stream: EventStream,
  signal: AbortSignal,
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
  const events = stream.events[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([events.next(), aborted]);
      if (next === undefined || next.done === true) return;
      const hasRoom = response.write(format(next.value));
      if (!hasRoom) await Promise.race([once(response, 'drain', { signal }).catch(() => undefined), aborted]);
    }
  } finally {
    clearInterval(heartbeat);
    // Not awaited: a source that is still waiting for its next event would hold the shutdown.
    void Promise.resolve(events.return?.()).catch(() => undefined);
    response.end();
  }
}

function format(event: StreamedEvent): string {
  return `id: ${oneLine(event.id)}\nevent: ${oneLine(event.event)}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

/** A line break would end the field, and let its text become others. */
function oneLine(text: string): string {
  return text.replace(/[\r\n\0]/g, ' ');
}
