// One request on its way through the server, and what is known about it before its function runs.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Span } from '../tracing/spans.ts';
import type { MeasuredRequest } from '../watch/measure-request.ts';
import type { RouteMatch } from './router.ts';

export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  /** Without the query string, as the function sees it (no `/api`). */
  path: string;
  /** Without its question mark; empty when there is none. */
  search: string;
  /** Of its span, or without tracing what was given or begun; a delivered event's own, where its cause is elsewhere. */
  traceparent: string;
  /** Undefined without tracing. */
  span?: Span | undefined;
  body: Buffer;
  measured: MeasuredRequest;
  /** Undefined for `POST /`, where a broker delivers CloudEvents, and for what the platform sends. */
  match: RouteMatch | undefined;
  /** Once it has been read as one. */
  event?: { id: string; type: string };
  /** What the path shows as the platform's proof (eventing/signing/platform-proof.ts). */
  proof: string | undefined;
};

/** Splits the request target; an absolute one (`GET http://host/path`) is as good as its path. */
export function splitTarget(url: string | undefined): { path: string; search: string } {
  let target = url ?? '/';
  if (!target.startsWith('/')) {
    const parsed = URL.parse(target);
    if (!parsed) return { path: target, search: '' };
    target = parsed.pathname + parsed.search;
  }
  const question = target.indexOf('?');
  return question < 0
    ? { path: target, search: '' }
    : { path: target.slice(0, question), search: target.slice(question + 1) };
}
