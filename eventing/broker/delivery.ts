// Delivers one event to one subscriber with the retry rules of a Knative dispatcher.
import type { Logger } from 'pino';
import type { CountDelivery } from './delivery-counts.ts';
import { withoutAuthority } from '../events/command-type.ts';
import type { Poster, PostAnswer } from '../post-event.ts';
import { withoutProof } from '../signing/platform-proof.ts';
import { toAttributeText } from '../events/attributes.ts';
import { type CarriedEvent, readEvent, writeHeaders } from '../events/carried-event.ts';
import { InvalidEvent } from '../events/invalid-event.ts';
import { eventAttributes } from '../events/event-spans.ts';
import { currentTraceparent, inSpan, type SpanParts } from '../../functions/shared/tracing/spans.ts';
import type { Delivery } from './trigger.ts';

export type Delivered =
  /** The subscriber is done with the event, and may have answered with another; InvalidEvent: with what was meant as one and is none. */
  | { done: true; reply: CarriedEvent | InvalidEvent | undefined }
  /** Every try failed. `status` is -1 when the last one had no HTTP answer; `stopped`: the broker shuts down and has not used all tries. */
  | { done: false; status: number; reason: string; stopped: boolean };

export type Dispatch = {
  poster: Poster;
  log: Logger;
  /** Resolves early when the signal is aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborted when the broker shuts down: no further try is started. */
  signal: AbortSignal;
  /** Told of each try that was taken, refused, or is followed by another. */
  count?: CountDelivery;
};

/** Long enough for any sensible policy; a manifest with 100 exponential retries would wait for years. */
const backoffMaxMs = 300_000;

/** `knativeerrordata` holds so much of the subscriber's answer; percent-encoding can make it three times as long. */
const reasonMaxBytes = 1_024;

/** Resolves when the subscriber is done with the event or every try has failed; never rejects. */
export async function deliver(event: CarriedEvent, to: URL, policy: Delivery, dispatch: Dispatch): Promise<Delivered> {
  const headers = writeHeaders(event);
  // The subscriber's spans continue from this header; without it they would start a trace of their own.
  const inherited = headers['ce-traceparent'];
  if (inherited !== undefined) headers.traceparent = inherited;

  for (let retries = 0; ; retries++) {
    const failed = await tryTraced(event, to, retries, (traceparent) =>
      tryOnce(event, to, { ...headers, ...(traceparent !== undefined && { traceparent }) }, policy.timeoutMs, dispatch),
    );
    if (failed.done) return failed;

    const { signal, sleep, log } = dispatch;
    const isStopping = (): boolean => signal.aborted;
    const { id: event_id, type: event_type, traceparent } = event.attributes;
    log.warn(
      { event_id, event_type, traceparent, to: withoutProof(to.href), status: failed.status, retries },
      'delivery failed',
    );
    if (isStopping() || retries >= policy.retry) return { ...failed, stopped: retries < policy.retry };
    await sleep(backoffMs(policy, retries + 1), signal);
    if (isStopping()) return { ...failed, stopped: true };
    dispatch.count?.('retried');
  }
}

/**
 * The wait before the nth retry, n from 1: `delay × n` or `delay × 2^n`, as Knative documents it and its RabbitMQ broker does.
 * So PT0.5S, exponential, five retries: 1, 2, 4, 8 and 16 s.
 */
export function backoffMs({ backoffPolicy, backoffDelayMs }: Delivery, n: number): number {
  return Math.min(backoffDelayMs * (backoffPolicy === 'linear' ? n : 2 ** n), backoffMaxMs);
}

/** What Knative's SelectiveRetry makes of a status: `ignored` is a no that is taken for a yes, so it is only logged. */
function classifyStatus(status: number): 'taken' | 'retried' | 'ignored' {
  if (status >= 200 && status < 300) return 'taken';
  if (status >= 500 || status === 404 || status === 408 || status === 409 || status === 429) return 'retried';
  return 'ignored';
}

/** The event as the dead-letter sink gets it: whatever becomes of it there, the authority that a command came with is not for that. */
export function toDeadLetter(event: CarriedEvent, to: URL, status: number, reason: string): CarriedEvent {
  const errors = {
    knativeerrordest: to.href,
    knativeerrorcode: String(status),
    knativeerrordata: toAttributeText(Buffer.from(reason).subarray(0, reasonMaxBytes).toString()),
  };
  return { ...event, attributes: { ...withoutAuthority(event.attributes), ...errors } };
}

/** Each try is a span of its own. It goes on from where the broker was given the event, and the subscriber's from here. */
function tryTraced(
  event: CarriedEvent,
  to: URL,
  retries: number,
  attempt: (traceparent: string | undefined) => Promise<Delivered>,
): Promise<Delivered> {
  const { traceparent: cause, type } = event.attributes;
  const describe = (): SpanParts => ({
    kind: 'client',
    parent: event.traceparent ?? (currentTraceparent() === undefined ? cause : undefined),
    links: [cause],
    attributes: {
      ...eventAttributes('deliver', event.attributes),
      'server.address': to.hostname,
      'server.port': Number(to.port || 80),
      ...(retries > 0 && { 'http.request.resend_count': retries }),
    },
  });
  return inSpan(`deliver ${type}`, describe, async (span) => {
    const delivered = await attempt(span?.traceparent);
    if (!delivered.done) span?.fail(delivered.status === -1 ? 'no_answer' : String(delivered.status));
    return delivered;
  });
}

async function tryOnce(
  event: CarriedEvent,
  to: URL,
  headers: Record<string, string>,
  timeoutMs: number,
  { poster, log, count }: Dispatch,
): Promise<Delivered> {
  let answer: PostAnswer;
  try {
    answer = await poster.post(to, headers, event.body, timeoutMs);
  } catch (error) {
    return { done: false, status: -1, reason: error instanceof Error ? error.message : String(error), stopped: false };
  }

  const { status } = answer;
  const { id: event_id, type: event_type, traceparent } = event.attributes;
  const verdict = classifyStatus(status);
  if (verdict === 'retried') return { done: false, status, reason: answer.body.toString('utf8'), stopped: false };
  count?.(verdict === 'taken' ? 'delivered' : 'refused');
  if (verdict === 'taken')
    return { done: true, reply: readReply(answer, log, { event_id, traceparent, to: withoutProof(to.href) }) };
  log.error(
    { event_id, event_type, traceparent, to: withoutProof(to.href), status },
    'subscriber refused an event, which counts as delivered',
  );
  return { done: true, reply: undefined };
}

function readReply(
  answer: PostAnswer,
  log: Logger,
  about: Record<string, unknown>,
): CarriedEvent | InvalidEvent | undefined {
  if (answer.body.length === 0 && answer.headers['ce-specversion'] === undefined) return undefined;
  try {
    return readEvent(answer.headers, answer.body);
  } catch (error) {
    if (!(error instanceof InvalidEvent)) throw error;
    log.error({ ...about, reason: error.message }, 'subscriber replied with an invalid event');
    return error;
  }
}

/** Why the event that was answered so is a dead letter, as with Knative's Broker: the reply can't be published, now or later. */
export function reasonOfInvalid({ message }: InvalidEvent): string {
  return `the reply is not a valid event: ${message}`;
}
