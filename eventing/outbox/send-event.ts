// Posts one outbox event to the broker and says whether the broker has taken it.
import type { Poster } from '../post-event.ts';
import { toBinaryMessage } from '../events/cloudevent.ts';
import type { OutboxEvent } from './outbox-event.ts';

export type Sent =
  | { taken: true }
  /** `away`: there was no answer or 503, so it is the broker that is in trouble and not this event. */
  | { taken: false; away: boolean; status: number | undefined; reason: string };

/** Only a 2xx means that the event is safe with the broker. Never throws: a row that can't be sent must not stop the others. */
export async function sendEvent(poster: Poster, broker: URL, event: OutboxEvent, timeoutMs: number): Promise<Sent> {
  try {
    const { headers, body } = toBinaryMessage(event);
    // The broker's own spans continue from this header; consumers read the CloudEvent attribute.
    if (event.traceparent !== null) headers.traceparent = event.traceparent;
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

class NoAnswer extends Error {}
