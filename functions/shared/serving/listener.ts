// Serves functions through the functions framework; CloudEvents go to handle-event.ts. Next in the story: functions/shared/serving/handle-http.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { proofIn } from '../../../eventing/signing/platform-proof.ts';
import { createCommandAuthorization, type AuthorizeCommand } from './authorize-command.ts';
import { createTokenCheck, type TokenCheck } from '../access/check-token.ts';
import { createEndedSessions } from '../access/ended-sessions.ts';
import { bindRoutes, type BoundFunction } from './bind-routes.ts';
import type { Contract, Route } from '../contract/function.ts';
import type { Environment } from '../process/environment.ts';
import { Refusal } from '../contract/errors.ts';
import { splitTarget, type Exchange } from './exchange.ts';
import { registerFunction, type Listener } from './framework.ts';
import type { BankFunction } from '../process/define-function.ts';
import { eventProblemOf, handleEvent } from './handle-event.ts';
import { takesAnyEvent } from './hear.ts';
import { handleHttp } from './handle-http.ts';
import { measureRequest } from '../watch/measure-request.ts';
import { answerMetrics } from '../watch/metrics.ts';
import { problemOf, sendProblem } from './problem.ts';
import { anyEventBytesMax } from '../reading/any-event.ts';
import { bodyBytesMax, ClientGone, readBody } from '../reading/body.ts';
import { isEventRequest } from '../reading/event.ts';
import { createRouter, type Match, type Router, type RouteMatch } from './router.ts';
import { traceRequest } from './trace-request.ts';
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
  const ended = createEndedSessions(environment.config.endedSessionsUrl);
  const checkToken = createTokenCheck(environment.config, ended, environment.now);
  const checks = { checkToken, authorizeCommand: createCommandAuthorization(environment, checkToken, ended) };
  // By what is woken by people's requests alone: what the broker or a clock wakes must not wake sign-in as well.
  if (environment.config.functionTarget !== undefined && functions.some(isAskedWithTokens)) void ended.warm();
  return new Map(
    functions.map((fn) => [fn.contract.name, createListener(bindRoutes(fn, environment), checks, stopping)]),
  );
}

function isAskedWithTokens({ contract: { routes, consumes } }: BankFunction): boolean {
  return consumes === undefined && Object.values<Route>(routes).some(({ access }) => access !== 'anyone');
}

/** The listener of one function. */
export function createFunctionServer(fn: BankFunction, environment: Environment, stopping?: AbortSignal): Listener {
  return bindFunctions(environment, [fn], stopping).get(fn.contract.name) as Listener;
}

/** Answers what no route takes: 404, 405 with `Allow` and what to do instead, or OPTIONS. The gateway answers with it as well. */
export function answerUnmatched(
  request: IncomingMessage,
  response: ServerResponse,
  match: Exclude<Match, RouteMatch>,
  traceparent = traceparentFrom(headerText(request.headers['traceparent'])),
) {
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
  sendProblem(response, problem, traceparent);
}

/** Who asks, and whose command an event brings. */
type Checks = { checkToken: TokenCheck; authorizeCommand: AuthorizeCommand };

function createListener(bound: BoundFunction, checks: Checks, stopping: AbortSignal): Listener {
  const router = createRouter([bound.contract]);
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  const requests = bound.environment.requests.of(bound.contract.name);
  const bytesMax = takesAnyEvent(bound.contract) ? anyEventBytesMax : bodyBytesMax;
  const isAlone = bound.environment.config.functionTarget !== undefined;
  let isFirst = true;

  const run = registerFunction(bound.contract.name, (request) => {
    // registerFunction's caller is the only one who can get here, so the exchange is always known.
    const exchange = exchanges.get(request) as Exchange;
    handle(exchange, bound, checks, stopping).catch((error: unknown) => {
      answerFailure(exchange, bound, error);
    });
  });

  return (request, response) => {
    const { path, search } = splitTarget(request.url);
    if (answerProbe(path, response, stopping)) return;
    if (path === '/metrics') return answerMetrics(bound.environment.metrics, request, response);

    const match = matchOrEvent(router, bound.contract, request, path);
    const { method = '' } = request;
    const { isCounting, http } = bound.environment;
    const measured = isCounting()
      ? measureRequest(response, requests, (status, seconds) =>
          http.record(bound.contract.name, method, handlerOf(match), status, seconds),
        )
      : notMeasured;
    const traced = traceRequest(request, response, {
      functionName: bound.contract.name,
      handler: handlerOf(match),
      isCold: isAlone ? isFirst : undefined,
    });
    isFirst = false;
    if (match && match.kind !== 'route') {
      // A dispatcher takes 405 for success and forgets the event; 404 it tries again, then dead-letters.
      const isLost = match.kind === 'wrong-method' && request.method === 'POST' && isEventRequest(request.headers);
      answerUnmatched(request, response, isLost ? { kind: 'unknown' } : match, traced.traceparent);
      return;
    }
    const proof = proofIn(path);
    const { traceparent, span, run: inTrace } = traced;
    const exchange: Exchange = {
      ...{ request, response, path, search, traceparent, span, body: noBody, measured, match, proof },
    };
    exchanges.set(request, exchange);
    inTrace(() => {
      readBody(request, bytesMax)
        .then((body) => {
          exchange.body = body;
          run(request, response);
        })
        .catch((error: unknown) => {
          answerFailure(exchange, bound, error);
        });
    });
  };
}

const noBody = Buffer.alloc(0);
const notMeasured = { streams: () => undefined };

async function handle(exchange: Exchange, bound: BoundFunction, checks: Checks, stopping: AbortSignal) {
  if (isEvent(exchange)) return handleEvent(exchange, bound, checks.authorizeCommand, stopping);
  const route = exchange.match && bound.routes.get(exchange.match.routeKey);
  if (!route)
    throw new Refusal(
      'cloudevent_invalid',
      400,
      'a CloudEvent was expected here: ce-… headers or application/cloudevents+json',
    );
  return handleHttp(exchange, route, checks.checkToken, stopping);
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

/** Undefined for `POST /` of a function that takes events: a broker posts to the root, the platform to a path with its proof. */
function matchOrEvent(router: Router, contract: Contract, request: IncomingMessage, path: string): Match | undefined {
  const takesEvents = (contract.command ?? contract.consumes ?? contract.answers) !== undefined;
  const isInside = path === '/' || proofIn(path) !== undefined;
  if (isInside && takesEvents && request.method === 'POST') return undefined;
  return router.match(request.method ?? '', path);
}

/** A route's path; `/` where a broker delivers. */
function handlerOf(match: Match | undefined): string {
  if (match === undefined) return '/';
  return match.kind === 'route' ? match.routeKey.slice(match.routeKey.indexOf('/')) : 'none';
}

function isEvent({ request }: Exchange): boolean {
  return request.method === 'POST' && isEventRequest(request.headers);
}

/** As much of an event's type as a line tells: anybody may have made it up. */
const typeLengthMax = 255;

function answerFailure(exchange: Exchange, { contract, environment }: BoundFunction, error: unknown) {
  if (error instanceof ClientGone) return;
  // At a route a client reads the answer, not a dispatcher that would take a no for success.
  const isDelivered = isEvent(exchange) && exchange.match === undefined;
  const problem = isDelivered ? eventProblemOf(error) : problemOf(error);
  const fields = {
    // A process of one function says so on each of its lines; again, the key would be in the line twice.
    ...(environment.config.functionTarget === undefined && { function: contract.name }),
    route: exchange.match?.routeKey ?? 'POST /',
    traceparent: exchange.traceparent,
    ...(exchange.event && { event_id: exchange.event.id, event_type: exchange.event.type.slice(0, typeLengthMax) }),
    status: problem.status,
    code: problem.code,
  };
  if (problem.status === 503) environment.log.warn({ ...fields, err: error }, 'request postponed');
  // Nothing broke here: a stack would only tell where it was noticed.
  else if (isDelivered && error instanceof Refusal) environment.log.warn(fields, 'event refused');
  else if (problem.status >= 500) environment.log.error({ ...fields, err: error }, 'request failed');
  else environment.log.debug(fields, 'request refused');
  exchange.span?.set({ 'microbank.problem': problem.code });
  sendProblem(exchange.response, problem, exchange.traceparent);
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
