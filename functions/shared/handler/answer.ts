// What a handler can answer with, besides a plain value that becomes JSON.
import type { OutboxEvent } from '../../../eventing/outbox/outbox-event.ts';

/** One page of a list: a bare JSON array, with `Link: rel="next"` when `next` is set. */
export type Page<T> = { kind: 'page'; items: readonly T[]; next: Record<string, unknown> | undefined };

/** The result of a command that was committed, now or when its key was first seen. */
export type Committed<T> = { kind: 'committed'; answer: T; replayed: boolean; event: OutboxEvent | undefined };

/** A file rather than JSON, e.g. a CSV statement. */
export type Document = { kind: 'document'; contentType: string; filename: string; body: string };

/** Server-sent events (text/event-stream); ends when the call's signal is aborted. */
export type EventStream = { kind: 'event-stream'; events: AsyncIterable<StreamedEvent> };
export type StreamedEvent = {
  /** Where a client resumes that has seen this one; without it, where it would have before. */
  id?: string;
  event: string;
  data: unknown;
};

/**
 * A cookie that the browser is given, or told to forget when `maxAgeSeconds` is 0. `session` has the access token, `renewal` what
 * a new one is had with, `device` who has signed in with this browser before: functions/shared/access/cookies.ts writes them.
 */
export type Cookie = { kind: 'session' | 'renewal' | 'device'; value: string; maxAgeSeconds: number };

/** An answer that signs the browser in or out; only of routes that say `setsCookie`. */
export type SessionChange<T> = { kind: 'session-change'; answer: T; cookies: readonly Cookie[] };

/** `next` holds the values of the last item's sort key; the server wraps it with the filters into an opaque cursor. */
export function page<T>(items: readonly T[], next?: Record<string, unknown>): Page<T> {
  return { kind: 'page', items, next };
}

export function committed<T>(answer: T, event: OutboxEvent | undefined, replayed = false): Committed<T> {
  return { kind: 'committed', answer, replayed, event };
}

export function sessionChange<T>(answer: T, cookies: readonly Cookie[]): SessionChange<T> {
  return { kind: 'session-change', answer, cookies };
}
