// What a handler may know about its request. Costly parts are made when they are first asked for: a read needs few of them.
import type { After } from '../reading/cursor.ts';
import type { Exchange } from './exchange.ts';
import type { Call, Idempotency } from '../handler/call.ts';
import { readCookie } from '../access/cookies.ts';
import type { Signed } from '../access/check-token.ts';

export type CallParts = {
  exchange: Exchange;
  signed: Signed;
  channel: Call['channel'];
  eventSource?: string;
  accept: string;
  after: After | undefined;
  idempotency: () => Idempotency;
  /** Aborted when the process shuts down. */
  stopping: AbortSignal;
};

export function createCall({
  exchange,
  signed,
  channel,
  eventSource,
  accept,
  after,
  idempotency,
  stopping,
}: CallParts): Call {
  const { request } = exchange;
  let known: Idempotency | undefined;
  let signal: AbortSignal | undefined;
  return {
    caller: signed.caller,
    token: signed.token,
    sessionId: signed.sessionId,
    channel,
    ...(eventSource !== undefined && { eventSource }),
    traceparent: exchange.traceparent,
    accept,
    after,
    lastEventId: headerText(request.headers['last-event-id']),
    get renewalCookie() {
      return readCookie(request.headers, 'renewal');
    },
    get deviceCookie() {
      return readCookie(request.headers, 'device');
    },
    get userAgent() {
      return request.headers['user-agent'] ?? '';
    },
    get address() {
      return addressOf(exchange);
    },
    get idempotency() {
      return (known ??= idempotency());
    },
    get signal() {
      return (signal ??= AbortSignal.any([stopping, goneSignal(exchange)]));
    },
  };
}

/** The edge overwrites X-Forwarded-For with the address it sees; proxies behind it append theirs, so the first one counts. */
function addressOf({ request }: Exchange): string {
  const forwarded = headerText(request.headers['x-forwarded-for'])?.split(',')[0]?.trim();
  return forwarded !== undefined && forwarded !== '' ? forwarded : (request.socket.remoteAddress ?? '');
}

function goneSignal({ response }: Exchange): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  response.once('close', () => {
    gone.abort();
  });
  return gone.signal;
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
