// What the edge does on a cluster: sends a request under /api to the function that has its route. Next in the story: functions/shared/serving/listener.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAsyncApi } from '../../functions/shared/describe/asyncapi.ts';
import type { Contract } from '../../functions/shared/contract/function.ts';
import { splitTarget } from '../../functions/shared/serving/exchange.ts';
import { answerMetrics, type Metrics } from '../../functions/shared/watch/metrics.ts';
import { commonHeaders } from '../../functions/shared/contract/headers.ts';
import { createOpenApi } from '../../functions/shared/describe/openapi.ts';
import { forgetEdge } from '../../functions/shared/serving/from-edge.ts';
import { createRouter } from '../../functions/shared/serving/router.ts';
import { answerUnmatched, type Listener } from '../../functions/shared/serving/listener.ts';

const prefix = '/api';

export type GatewayParts = {
  contracts: readonly Contract[];
  /** By function name; they expect paths without the prefix. */
  listeners: ReadonlyMap<string, Listener>;
  /** Answers of the gateway itself, by path with the prefix, e.g. `/api/openapi.json`. */
  documents: ReadonlyMap<string, Listener>;
  /** Everything outside /api: the web UI. */
  pages?: Listener;
};

export function createGateway({ contracts, listeners, documents, pages }: GatewayParts): Listener {
  const router = createRouter(contracts);
  return (request, response) => {
    const { path, search } = splitTarget(request.url);
    const document = documents.get(path);
    if (document) return document(request, response);
    if (pages && path !== prefix && !path.startsWith(`${prefix}/`)) return pages(request, response);
    if (!path.startsWith(`${prefix}/`)) return answerUnmatched(request, response, { kind: 'unknown' });

    const inner = path.slice(prefix.length);
    const match = router.match(request.method ?? '', inner);
    if (match.kind !== 'route') return answerUnmatched(request, response, match);
    request.url = search ? `${inner}?${search}` : inner;
    // Links are made with the first, limits on sign-in attempts count by the second, and the third says which session cookie is good here.
    forgetEdge(request);
    request.headers['x-forwarded-prefix'] = prefix;
    request.headers['x-forwarded-for'] = request.socket.remoteAddress;
    request.headers['x-forwarded-proto'] = 'http';
    listeners.get(match.contract.name)?.(request, response);
  };
}

/** `/metrics` of the whole process, for a Prometheus on this machine: the gateway listens on loopback only. */
export function metricsOf(metrics: Metrics): ReadonlyMap<string, Listener> {
  return new Map([['/metrics', (request, response) => answerMetrics(metrics, request, response)]]);
}

/** What the gateway answers by itself; more of its own documents go here. */
export function documentsOf(contracts: readonly Contract[]): ReadonlyMap<string, Listener> {
  return new Map([
    [`${prefix}/openapi.json`, jsonDocument(createOpenApi(contracts, prefix))],
    [`${prefix}/asyncapi.json`, jsonDocument(createAsyncApi(contracts))],
  ]);
}

function jsonDocument(value: unknown): Listener {
  const body = JSON.stringify(value);
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const kind = request.method === 'OPTIONS' ? 'options' : 'wrong-method';
      return answerUnmatched(request, response, { kind, allow: ['GET', 'HEAD', 'OPTIONS'], instead: undefined });
    }
    response.writeHead(200, {
      ...commonHeaders,
      'content-type': 'application/json',
      'cache-control': 'public, max-age=60',
    });
    response.end(body);
  };
}

/**
 * Every function at `/<name>[/path]`: where the broker delivers and functions ask each other, as `http://<name>.<namespace>`
 * is on a cluster; and `documents` by their paths, which the edge serves there.
 */
export function createInside(
  listeners: ReadonlyMap<string, Listener>,
  documents: ReadonlyMap<string, object> = new Map(),
): Listener {
  return (request, response) => {
    const { path, search } = splitTarget(request.url);
    const document = documents.get(path);
    if (document) {
      response.writeHead(200, { ...commonHeaders, 'content-type': 'application/json' }).end(JSON.stringify(document));
      return;
    }
    const [, name = '', rest = '/'] = /^\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const listener = listeners.get(name);
    if (!listener) return answerUnmatched(request, response, { kind: 'unknown' });
    request.url = search ? `${rest}?${search}` : rest;
    forgetEdge(request);
    listener(request, response);
  };
}

/** Answers `/healthz`: 200 while `serving` gives a listener, and hands everything else to that; until then, and after it, 503. */
export function whenServing(serving: () => Listener | undefined): Listener {
  return (request: IncomingMessage, response: ServerResponse) => {
    const listener = serving();
    const isProbe = splitTarget(request.url).path === '/healthz';
    if (listener && !isProbe) return listener(request, response);
    const headers = { ...commonHeaders, 'content-type': 'application/json', 'cache-control': 'no-store' };
    response.writeHead(listener ? 200 : 503, listener ? headers : { ...headers, 'retry-after': '1' });
    response.end(listener ? '{"status":"ok"}' : '{"status":"not serving"}');
  };
}
