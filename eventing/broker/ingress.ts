// The broker's front door: the HTTP contract of a Knative Broker's ingress. POST one CloudEvent to `/`; 202 once it is safe.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { type CarriedEvent, readEvent } from '../events/carried-event.ts';
import { InvalidEvent } from '../events/invalid-event.ts';
import { inSpan, type SpanParts } from '../../functions/shared/tracing/spans.ts';
import type { Route } from './routing.ts';

const eventMaxBytes = 1024 * 1024;
const readOnMaxBytes = 8 * eventMaxBytes;
/** Events being routed at once, and the bytes that they hold; beyond, senders get 503 and keep theirs. */
const eventsMax = 512;
const eventsMaxBytes = 64 * 1024 * 1024;

export function createIngress(
  route: Route,
  log: Logger,
  isForUs: (request: IncomingMessage) => boolean = () => true,
): http.Server {
  const routeOnce = joinCopies(route);
  let events = 0;
  let bytes = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isForUs(request)) return reply(response, 421, 'this broker has another name');
    if (pathOf(request) !== '/') return reply(response, 404, 'events are posted to /');
    if (request.method !== 'POST') return reply(response, 405, 'events are posted', { allow: 'POST' });
    if (events >= eventsMax || bytes >= eventsMaxBytes)
      return reply(response, 503, 'too many events are under way', { 'retry-after': '1' });

    events++;
    let held = 0;
    let event: CarriedEvent | undefined;
    try {
      const body = await readBody(request);
      if (body === undefined) return reply(response, 413, `an event has at most ${eventMaxBytes} bytes`);
      bytes += held = body.length;
      const posted = (event = readEvent(request.headers, body));
      if (posted === undefined)
        return reply(response, 400, 'this is not a CloudEvent: neither ce-specversion nor a structured content type');
      const safe = await inSpan(
        'POST /',
        () => describe(request, posted),
        async () => routeOnce(posted),
      );
      if (safe) reply(response, 202);
      else reply(response, 503, 'the event is not safe here; send it again', { 'retry-after': '5' });
    } catch (error) {
      if (error instanceof InvalidEvent) {
        const headers = error.status === 415 ? { 'accept-encoding': 'identity' } : {};
        return reply(response, error.status, error.message, headers);
      }
      if (!request.complete) return; // The sender went away before it had sent everything.
      const { id: event_id, type: event_type, traceparent } = event?.attributes ?? {};
      log.error({ err: error, event_id, event_type, traceparent }, 'event could not be routed');
      reply(response, 500, 'the event could not be routed');
    } finally {
      events--;
      bytes -= held;
    }
  }

  const server = http.createServer({ keepAliveTimeout: 65_000, headersTimeout: 10_000, requestTimeout: 30_000 });
  server.on('request', (request, response) => {
    void answer(request, response);
  });
  server.maxConnections = 1_024;
  return server;
}

/** Of what posts the event, where that says so; else of what caused it. */
function describe({ headers }: IncomingMessage, { attributes }: CarriedEvent): SpanParts {
  const posted = headers['traceparent'];
  return {
    kind: 'server',
    parent: typeof posted === 'string' ? posted : attributes.traceparent,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/',
      'messaging.system': 'knative',
      'messaging.destination.name': attributes.type,
      'messaging.message.id': attributes.id,
    },
  };
}

/**
 * A copy that comes while the first is still being delivered waits for the same end: a sender that timed out and tries again
 * does not add to the load of a subscriber that hangs. Copies that come later are delivered again. What only has the same source
 * and id is no copy: somebody else's forgery must not answer for the event itself.
 */
function joinCopies(route: Route): Route {
  const underWay = new Map<string, { event: CarriedEvent; routing: Promise<boolean> }>();
  return (event: CarriedEvent) => {
    const { source, id } = event.attributes;
    // With the length in front, no two pairs make the same key.
    const key = `${source?.length} ${source} ${id}`;
    const first = underWay.get(key);
    if (first) return isSame(first.event, event) ? first.routing : route(event);
    const routing = route(event).finally(() => underWay.delete(key));
    underWay.set(key, { event, routing });
    return routing;
  };
}

function isSame(one: CarriedEvent, other: CarriedEvent): boolean {
  return (
    one.contentType === other.contentType &&
    isDeepStrictEqual(one.attributes, other.attributes) &&
    one.body.equals(other.body)
  );
}

function pathOf(request: IncomingMessage): string | undefined {
  return request.url?.split('?', 1)[0];
}

/** Undefined when the body is larger than an event may be. It is read on for a while, or the sender would see a reset, not the 413. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > readOnMaxBytes) return undefined;
    if (length <= eventMaxBytes) chunks.push(chunk);
  }
  return length > eventMaxBytes ? undefined : Buffer.concat(chunks, length);
}

function reply(
  response: ServerResponse,
  status: number,
  reason?: string,
  headers: http.OutgoingHttpHeaders = {},
): void {
  if (response.headersSent || response.destroyed) return;
  if (reason === undefined) {
    response.writeHead(status, { ...headers, 'content-length': 0 }).end();
  } else {
    const body = `${reason}\n`;
    response
      .writeHead(status, { ...headers, 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) })
      .end(body);
  }
}
