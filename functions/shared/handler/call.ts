// One call of a function: everything about the request that is not the command itself.
import type { Caller } from './caller.ts';

/**
 * What makes a request recognisable when it comes again.
 * `scope` is the caller (and the CloudEvent's source), `key` the Idempotency-Key or CloudEvent id,
 * `fingerprint` a SHA-256 of method, path, canonical body and principal, in hex; serving/idempotency.ts makes them.
 * A request without a key gets a random one, so that retries inside the server stay safe.
 */
export type Idempotency = { scope: string; key: string; fingerprint: string };

/** Everything about one request that is not the command itself. */
export type Call = {
  caller: Caller;
  idempotency: Idempotency;
  /** `event`: the command came as a CloudEvent, so its refusal has to be an event too. */
  channel: 'http' | 'event';
  /** The `source` of the CloudEvent that carried the command; its `id` is the key. */
  eventSource?: string;
  traceparent: string;
  /** The verified token, from the Authorization header or the session cookie; a command through a broker has none. */
  token: string | undefined;
  /** The session that the token belongs to; undefined for anonymous callers. */
  sessionId: string | undefined;
  /** What the browser's renewal cookie holds, unverified. */
  renewalCookie: string | undefined;
  /** What the browser's device cookie holds, unverified: functions/sign-in/known-device.ts. */
  deviceCookie: string | undefined;
  /** The client's address, for limits on sign-in attempts. */
  address: string;
  /** How the client calls itself (`User-Agent`), for people to recognise their sessions. */
  userAgent: string;
  /** The media type the caller prefers, for routes that have more than one. */
  accept: string;
  /** Values of the last item's sort key, from the cursor; absent on the first page. */
  after: Readonly<Record<string, string | number>> | undefined;
  /** The SSE resume position. */
  lastEventId: string | undefined;
  /** Aborted when the client goes away or the function shuts down. */
  signal: AbortSignal;
};
