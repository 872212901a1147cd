// Turns what a handler returned into an HTTP answer: status, validators, links and body.
import type { ServerResponse } from 'node:http';
import type { Committed, Document, EventStream, Page, SessionChange } from '../handler/answer.ts';
import type { Route } from '../contract/function.ts';
import { sealCursor } from '../reading/cursor.ts';
import type { Exchange } from './exchange.ts';
import { commonHeaders } from '../contract/headers.ts';
import { writeCookie } from '../access/cookies.ts';

export type Result = Page<unknown> | Committed<unknown> | Document | EventStream | SessionChange<unknown>;
type Headers = Record<string, string | number | string[]>;

/** What `query` was is needed for the link to the next page. Event streams are not sent here but by event-stream.ts. */
export function sendAnswer(exchange: Exchange, route: Route, result: unknown, query: Record<string, string>) {
  const headers: Headers = { ...commonHeaders, 'cache-control': cachingOf(route, exchange.request.method) };

  if (isKind(result, 'document')) {
    headers['content-type'] = result.contentType;
    headers['content-disposition'] = `attachment; filename="${result.filename.replace(/[^\w.-]/g, '_')}"`;
    send(exchange.response, 200, headers, result.body);
    return;
  }
  if (isKind(result, 'page')) {
    if (result.next) {
      const cursor = sealCursor(exchange.match?.routeKey ?? '', query, result.next);
      headers['link'] = `<${prefixOf(exchange)}${exchange.path}?cursor=${cursor}>; rel="next"`;
    }
    sendJson(exchange.response, route.status, headers, result.items);
    return;
  }
  if (isKind(result, 'committed')) {
    if (result.replayed) headers['idempotency-replayed'] = 'true';
    sendValue(exchange, route, headers, result.answer);
    return;
  }
  if (isKind(result, 'session-change')) {
    headers['set-cookie'] = result.cookies.map((cookie) =>
      writeCookie(exchange.request.headers, cookie, prefixOf(exchange)),
    );
    sendValue(exchange, route, headers, result.answer);
    return;
  }
  sendValue(exchange, route, headers, result);
}

export function isKind<K extends Result['kind']>(result: unknown, kind: K): result is Extract<Result, { kind: K }> {
  return typeof result === 'object' && result !== null && (result as { kind?: unknown }).kind === kind;
}

function sendValue({ request, response }: Exchange, route: Route, headers: Headers, answer: unknown) {
  if (route.location) headers['location'] = prefixOf({ request }) + route.location(answer as never);
  if (route.etag) {
    const validator = route.etag(answer as never);
    const etag = validator.startsWith('"') ? validator : `"${validator}"`;
    headers['etag'] = etag;
    if (matches(request.headers['if-none-match'], etag)) {
      response.writeHead(304, headers).end();
      return;
    }
  }
  if (route.status === 204) response.writeHead(204, headers).end();
  else sendJson(response, route.status, headers, answer);
}

function sendJson(response: ServerResponse, status: number, headers: Headers, value: unknown) {
  headers['content-type'] = 'application/json';
  send(response, status, headers, JSON.stringify(value));
}

function send(response: ServerResponse, status: number, headers: Headers, body: string) {
  headers['content-length'] = Buffer.byteLength(body);
  response.writeHead(status, headers).end(body);
}

/** Only what anybody may read is kept by caches; what has a validator may be kept by the caller, to ask again with it. */
function cachingOf(route: Route, method: string | undefined): string {
  if (route.etag) return 'private, no-cache';
  const isPublic = route.access === 'anyone' && !route.setsCookie && (method === 'GET' || method === 'HEAD');
  return isPublic ? `public, max-age=${route.freshSeconds ?? 60}` : 'no-store';
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((candidate) => {
    const tag = candidate.trim();
    return tag === '*' || tag === etag || tag === `W/${etag}`;
  });
}

/** The edge strips `/api` and says so; nobody else can, because the edge drops the header when a client sends it. */
function prefixOf({ request }: Pick<Exchange, 'request'>): string {
  return request.headers['x-forwarded-prefix'] === '/api' ? '/api' : '';
}
