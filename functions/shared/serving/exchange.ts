// One request on its way through the server, and what is known about it before its function runs.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { MeasuredRequest } from '../watch/measure-request.ts';
import type { RouteMatch } from './router.ts';

export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  /** Without the query string, as the function sees it (no `/api`). */
  path: string;
  /** Without its question mark; empty when there is none. */
  search: string;
  traceparent: string;
  body: Buffer;
  measured: MeasuredRequest;
  /** Undefined for `POST /`, where a broker delivers CloudEvents. */
  match: RouteMatch | undefined;
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
