// Sends a dead letter again to the consumer that did not take it, past the broker, and says what came of it.
import { createPoster } from '../post-event.ts';
import { inSpan } from '../../functions/shared/tracing/spans.ts';

export type Redelivered = { applied: true } | { applied: false; code: number; reason: string };

/** As much of a consumer's answer as a broker keeps. */
const reasonLengthMax = 1_024;

/** `event` is the CloudEvent in its JSON form. Only a 2xx means applied; `code` -1: there was no answer. */
export async function redeliver(url: URL, event: string, timeoutMs: number): Promise<Redelivered> {
  const poster = createPoster(1);
  try {
    const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    const { status, body } = await inSpan(
      'redeliver',
      () => ({ kind: 'client', attributes: { 'server.address': url.hostname } }),
      async (span) => {
        const answered = await poster.post(
          url,
          span ? { ...headers, traceparent: span.traceparent } : headers,
          event,
          timeoutMs,
        );
        span?.set({ 'http.response.status_code': answered.status });
        return answered;
      },
    );
    if (status >= 200 && status < 300) return { applied: true };
    return { applied: false, code: status, reason: body.toString('utf8').slice(0, reasonLengthMax) };
  } catch (error) {
    return { applied: false, code: -1, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    poster.close();
  }
}
