// Serves functions through the functions framework; CloudEvents go to handle-event.ts. Next in the story: functions/shared/serving/handle-http.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createTokenCheck, type TokenCheck } from '../access/check-token.ts';
import { bindRoutes, type BoundFunction } from './bind-routes.ts';
import type { Contract } from '../contract/function.ts';
import type { Environment } from '../process/environment.ts';
import { Refusal } from '../contract/errors.ts';
import { splitTarget, type Exchange } from './exchange.ts';
import { registerFunction, type Listener } from './framework.ts';
import type { BankFunction } from '../process/define-function.ts';
import { eventProblemOf, handleEvent, takesAnyEvent } from './handle-event.ts';
import { handleHttp } from './handle-http.ts';
import { measureRequest } from '../watch/measure-request.ts';
import { answerMetrics } from '../watch/metrics.ts';
import { problemOf, sendProblem } from './problem.ts';
import { anyEventBytesMax } from '../reading/any-event.ts';
import { bodyBytesMax, ClientGone, readBody } from '../reading/body.ts';
import { isEventRequest } from '../reading/event.ts';
import { createRouter, type Match, type Router, type RouteMatch } from './router.ts';
import { traceparentFrom } from '../watch/trace.ts';
import { commonHeaders } from '../contract/headers.ts';

export type { Listener } from './framework.ts';

/**
 * One listener per function, by name, all on one environment and one cache of verified tokens. `stopping` is aborted when the
 * process shuts down, which ends event streams. Listeners expect paths without `/api` and without the function's name.
 */
export function bindFunctions(
  environment: Environment,
  functions: readonly BankFunction[],
  stopping: AbortSignal = new AbortController().signal,
): Map<string, Listener> {
  const checkToken = createTokenCheck(environment.config, environment.now);
  return new Map(
    functions.map((fn) => [fn.contract.name, createListener(bindRoutes(fn, environment), checkToken, stopping)]),
  );
}

/** The listener of one function. */
export function createFunctionServer(fn: BankFunction, environment: Environment, stopping?: AbortSignal): Listener {
  return bindFunctions(environment, [fn], stopping).get(fn.contract.name) as Listener;
}

/** Answers what no route takes: 404, 405 with `Allow` and what to do instead, or OPTIONS. The gateway answers with it as well. */
export function answerUnmatched(request: IncomingMessage, response: ServerResponse, match: Exclude<Match, RouteMatch>) {
  if (match.kind === 'options') {
    response.writeHead(204, { ...commonHeaders, allow: match.allow.join(', ') }).end();
    return;
  }
  const { method = '' } = request;
  const problem =
    match.kind === 'unknown'
      ? { status: 404, code: 'route_not_found', detail: `there is nothing at this path for ${method}` }
      : {
          status: 405,
          code: 'method_not_allowed',
          detail: match.instead ?? `${method} is not possible here, ${match.allow.join(', ')} are`,
          headers: { allow: match.allow.join(', ') },
        };
  sendProblem(response, problem, traceparentFrom(headerText(request.headers['traceparent'])));
}

function createListener(bound: BoundFunction, checkToken: TokenCheck, stopping: AbortSignal): Listener {
  const router = createRouter([bound.contract]);
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  const requests = bound.environment.requests.of(bound.contract.name);
  const bytesMax = takesAnyEvent(bound.contract) ? anyEventBytesMax : bodyBytesMax;

  const run = registerFunction(bound.contract.name, (request) => {
    // registerFunction's caller is the only one who can get here, so the exchange is always known.
    const exchange = exchanges.get(request) as Exchange;
    handle(exchange, bound, checkToken, stopping).catch((error: unknown) => {
      answerFailure(exchange, bound, error);
    });
  });

  return (request, response) => {
    const { path, search } = splitTarget(request.url);
    if (answerProbe(path, response, stopping)) return;
    if (path === '/metrics') return answerMetrics(bound.environment.metrics, request, response);

    const measured = measureRequest(response, requests);
    const match = matchOrEvent(router, bound.contract, request, path);
    if (match && match.kind !== 'route') {
      // A dispatcher takes 405 for success and forgets the event; 404 it tries again, then dead-letters.
      const isLost = match.kind === 'wrong-method' && request.method === 'POST' && isEventRequest(request.headers);
      answerUnmatched(request, response, isLost ? { kind: 'unknown' } : match);
      return;
    }
    const traceparent = traceparentFrom(headerText(request.headers['traceparent']));
    const exchange: Exchange = { request, response, path, search, traceparent, body: noBody, measured, match };
    exchanges.set(request, exchange);
    readBody(request, bytesMax)
      .then((body) => {
        exchange.body = body;
        run(request, response);
      })
      .catch((error: unknown) => {
        answerFailure(exchange, bound, error);
      });
  };
}

const noBody = Buffer.alloc(0);

async function handle(exchange: Exchange, bound: BoundFunction, checkToken: TokenCheck, stopping: AbortSignal) {
  if (isEvent(exchange)) return handleEvent(exchange, bound, checkToken, stopping);
  const route = exchange.match && bound.routes.get(exchange.match.routeKey);
  if (!route)
    throw new Refusal(
      'cloudevent_invalid',
      400,
      'a CloudEvent was expected here: ce-… headers or application/cloudevents+json',
    );
  return handleHttp(exchange, route, checkToken, stopping);
}

/** Never touches the database: a copy that waits for one is alive, and Knative must not hold back its requests. */
function answerProbe(path: string, response: ServerResponse, stopping: AbortSignal): boolean {
  if (path !== '/livez' && path !== '/readyz' && path !== '/healthz') return false;
  const isReady = path === '/livez' || !stopping.aborted;
  const body = isReady ? '{"status":"ok"}' : '{"status":"stopping"}';
  response.writeHead(isReady ? 200 : 503, {
    ...commonHeaders,
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
  response.end(body);
  return true;
}

/** Undefined for `POST /` of a function that takes events: a broker posts to the root. */
function matchOrEvent(router: Router, contract: Contract, request: IncomingMessage, path: string): Match | undefined {
  const takesEvents = (contract.command ?? contract.consumes ?? contract.answers) !== undefined;
  if (path === '/' && takesEvents && request.method === 'POST') return undefined;
  return router.match(request.method ?? '', path);
}

function isEvent({ request }: Exchange): boolean {
  return request.method === 'POST' && isEventRequest(request.headers);
}

function answerFailure(exchange: Exchange, { contract, environment }: BoundFunction, error: unknown) {
  if (error instanceof ClientGone) return;
  const problem = isEvent(exchange) ? eventProblemOf(error) : problemOf(error);
  const fields = {
    // A process of one function says so on each of its lines; again, the key would be in the line twice.
    ...(environment.config.functionTarget === undefined && { function: contract.name }),
    route: exchange.match?.routeKey ?? 'POST /',
    trace_id: exchange.traceparent.slice(3, 35),
    status: problem.status,
    code: problem.code,
  };
  if (problem.status === 503) environment.log.warn({ ...fields, err: error }, 'request postponed');
  else if (problem.status >= 500) environment.log.error({ ...fields, err: error }, 'request failed');
  else environment.log.debug(fields, 'request refused');
  sendProblem(exchange.response, problem, exchange.traceparent);
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
