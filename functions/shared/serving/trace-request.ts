// The span of one request, from its arrival to the end of its answer. Named by its route: a path may hold what somebody typed, or the
// platform's proof, and goes into no span.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openSpan, type Span } from '../tracing/spans.ts';
import { traceparentFrom } from '../watch/trace.ts';

export type TracedRequest = {
  /** What its answer, its log lines and its events belong to: its span, or without tracing what the caller sent, else a new trace. */
  traceparent: string;
  /** Undefined without tracing. */
  span: Span | undefined;
  /** What this starts is part of the request. */
  run: (work: () => void) => void;
};

export type Asked = {
  functionName: string;
  /** A route's path, as in `/accounts/{id}`; `/` where a broker delivers, `none` where there is no such route. */
  handler: string;
  /** Whether the process was started for this function and has not been asked before; undefined where one process is the whole bank. */
  isCold: boolean | undefined;
};

export function traceRequest(request: IncomingMessage, response: ServerResponse, asked: Asked): TracedRequest {
  const given = headerText(request.headers['traceparent']);
  const method = methodOf(request);
  const span = openSpan(`${method} ${asked.handler}`, () => ({
    kind: 'server',
    parent: given,
    attributes: {
      'http.request.method': method,
      'http.route': asked.handler,
      'url.path': asked.handler,
      'url.scheme': headerText(request.headers['x-forwarded-proto']) === 'https' ? 'https' : 'http',
      'faas.name': asked.functionName,
      'faas.coldstart': asked.isCold,
    },
  }));
  if (!span) return { traceparent: traceparentFrom(given), span, run: (work) => work() };

  response.once('close', () => {
    if (response.headersSent) span.set({ 'http.response.status_code': response.statusCode });
    if (!response.headersSent) span.fail('caller_gone');
    else if (response.statusCode >= 500) span.fail(String(response.statusCode));
    span.end();
  });
  return { traceparent: span.traceparent, span, run: span.run };
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** `_OTHER` for methods that somebody made up, as the conventions have it. */
function methodOf({ method = '' }: IncomingMessage): string {
  return methods.has(method) ? method : '_OTHER';
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
