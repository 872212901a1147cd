// Posts one outbox event to the broker and says whether the broker has taken it.
import type { Poster } from '../post-event.ts';
import { toBinaryMessage } from '../events/cloudevent.ts';
import { eventAttributes } from '../events/event-spans.ts';
import { currentTraceparent, inSpan, type SpanParts } from '../../functions/shared/tracing/spans.ts';
import type { OutboxEvent } from './outbox-event.ts';

export type Sent =
  | { taken: true }
  /** `away`: there was no answer or 503, so it is the broker that is in trouble and not this event. */
  | { taken: false; away: boolean; status: number | undefined; reason: string };

/** Only a 2xx means that the event is safe with the broker. Never throws: a row that can't be sent must not stop the others. */
export async function sendEvent(
  poster: Poster,
  broker: URL,
  event: OutboxEvent,
  timeoutMs: number,
  sign?: Sign,
): Promise<Sent> {
  // Whoever sends it, right after its commit or a relay much later: it is part of the trace that caused it.
  const describe = (): SpanParts => ({
    kind: 'producer',
    parent: event.traceparent ?? undefined,
    links: [currentTraceparent()],
    attributes: {
      ...eventAttributes('send', event),
      'server.address': broker.hostname,
      'server.port': Number(broker.port || 80),
    },
  });
  return inSpan(`send ${event.type}`, describe, async (span) => {
    const sent = await send(poster, broker, event, timeoutMs, { sign, traceparent: span?.traceparent });
    if (!sent.taken) span?.fail(String(sent.status ?? 'no_answer'));
    return sent;
  });
}

async function send(
  poster: Poster,
  broker: URL,
  event: OutboxEvent,
  timeoutMs: number,
  { sign, traceparent = event.traceparent ?? undefined }: { sign: Sign | undefined; traceparent: string | undefined },
): Promise<Sent> {
  try {
    const { headers, body } = toBinaryMessage(event, await sign?.(event));
    // The broker's own spans continue from this header; the CloudEvent's attribute stays what the event was recorded under.
    if (traceparent !== undefined) headers.traceparent = traceparent;
    const { status } = await poster.post(broker, headers, body, timeoutMs).catch((error: unknown) => {
      throw new NoAnswer(String(error instanceof Error ? error.message : error));
    });
    if (status >= 200 && status < 300) return { taken: true };
    return { taken: false, away: status === 503, status, reason: `the broker answered ${status}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { taken: false, away: error instanceof NoAnswer, status: undefined, reason };
  }
}

type Sign = (event: OutboxEvent) => Promise<string>;

class NoAnswer extends Error {}
