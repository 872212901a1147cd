// A CloudEvent: a command answered with the event it caused, or a fact from elsewhere applied without an answer.
//
// A Knative dispatcher takes every 4xx but 404, 408, 409 and 429 for success and forgets the event. So a refusal is recorded and
// answered as an event with 200, and what nobody can record is 500: tried again, then dead-lettered where somebody sees it.
import { toBinaryMessage, toStructuredMessage } from '../../../eventing/events/cloudevent.ts';
import type { TokenCheck } from '../access/check-token.ts';
import { answerQuestion } from '../questions/answer.ts';
import type { Committed } from '../handler/answer.ts';
import type { BoundFunction, BoundRoute } from './bind-routes.ts';
import type { Contract } from '../contract/function.ts';
import { createCall } from './create-call.ts';
import { Refusal } from '../contract/errors.ts';
import type { Exchange } from './exchange.ts';
import { principalOf } from '../handler/caller.ts';
import { idempotencyOf } from './idempotency.ts';
import { type Problem, problemOf } from './problem.ts';
import { readAnyEvent } from '../reading/any-event.ts';
import { readEventCommand } from '../reading/command.ts';
import { eventModeOf, readEvent } from '../reading/event.ts';
import { isKind } from './send-answer.ts';
import { traceparentFrom } from '../watch/trace.ts';
import { requireAccess } from '../access/require-access.ts';
import type { Call } from '../handler/call.ts';
import type { IncomingEvent } from '../handler/event.ts';
import { commonHeaders } from '../contract/headers.ts';

export async function handleEvent(
  exchange: Exchange,
  bound: BoundFunction,
  checkToken: TokenCheck,
  stopping: AbortSignal,
) {
  const read = takesAnyEvent(bound.contract) ? readAnyEvent : readEvent;
  const event = read(exchange.request.headers, exchange.body);
  // Where the event was caused says more than which hop delivers it.
  if (event.traceparent !== undefined) exchange.traceparent = traceparentFrom(event.traceparent);

  const { command, consumes = [] } = bound.contract;
  const route = command && bound.routes.get(command.route);
  if (route && event.type === command.type) {
    const result = await runCommand({ exchange, bound, route, checkToken, stopping }, event);
    sendResult(exchange, result);
    return;
  }
  // Only where the broker delivers: the edge lets anybody reach the routes, and a fact or a question needs no token.
  const isInside = exchange.match === undefined;
  const asked = isInside && bound.handlers.questions?.find(({ question }) => question.requested === event.type);
  if (asked) return answerQuestion(asked, event, bound.contract.name, exchange.response);
  const isConsumed = isInside && (consumes.includes(event.type) || takesAnyEvent(bound.contract));
  if (!isConsumed || !bound.handlers.onEvent) {
    throw new Refusal('cloudevent_type_unexpected', 400, `${bound.contract.name} takes no event of this type`);
  }
  await bound.handlers.onEvent({ ...event, traceparent: exchange.traceparent });
  exchange.response.writeHead(204, commonHeaders).end();
}

/** A `*` in `consumes`: events of every type, broken ones too, as dead-letter needs. */
export function takesAnyEvent({ consumes = [] }: Contract): boolean {
  return consumes.includes('*');
}

/** A refusal that says when to come again, as a 409 for a request still under way does. Any other is the bank's last word. */
function isForNow(error: unknown): boolean {
  if (!(error instanceof Refusal)) return true;
  if (error.status >= 500 || error.status === 408 || error.status === 429) return true;
  return error.status === 409 && 'Retry-After' in error.headers;
}

/** What passes may be answered as it is: a dispatcher tries it again. A final refusal gets here when nobody could record it. */
export function eventProblemOf(error: unknown): Problem {
  const problem = problemOf(error);
  return isForNow(error) ? problem : { ...problem, status: 500 };
}

type Command = {
  exchange: Exchange;
  bound: BoundFunction;
  route: BoundRoute;
  checkToken: TokenCheck;
  stopping: AbortSignal;
};

async function runCommand(
  { exchange, bound, route, checkToken, stopping }: Command,
  event: IncomingEvent,
): Promise<unknown> {
  const signed = await checkToken(exchange.request.headers.authorization);
  if (signed.caller.role === 'anonymous') requireAccess(route.route.access, signed.caller);

  const principal = principalOf(signed.caller);
  const scope = `${principal} ${event.source}`;
  const call = createCall({
    exchange,
    signed,
    channel: 'event',
    eventSource: event.source,
    accept: 'application/json',
    after: undefined,
    stopping,
    // The data as it came, so that an invalid command is recognised as well when it comes again.
    idempotency: () =>
      idempotencyOf({ scope, principal, key: event.id, routeKey: route.routeKey, command: event.data }),
  });
  try {
    requireAccess(route.route.access, signed.caller);
    return await route.handle(readEventCommand(route.schemas, exchange.match?.params ?? {}, event.data), call);
  } catch (error) {
    return await recordRefusal(bound, error, call);
  }
}

async function recordRefusal({ handlers }: BoundFunction, error: unknown, call: Call): Promise<Committed<unknown>> {
  if (!(error instanceof Refusal) || isForNow(error) || !handlers.recordRefusal) throw error;
  const recorded = await handlers.recordRefusal(error, call);
  // Another command has this source and id: an answer under them would pass for that one's, and silence for success.
  if (!recorded.event) throw error;
  return recorded;
}

function sendResult({ request, response }: Exchange, result: unknown) {
  if (!isKind(result, 'committed') || !result.event) {
    response.writeHead(204, commonHeaders).end();
    return;
  }
  const isStructured = eventModeOf(request.headers) === 'structured';
  const { headers, body } = isStructured ? toStructuredMessage(result.event) : toBinaryMessage(result.event);
  response.writeHead(200, {
    ...commonHeaders,
    ...headers,
    'cache-control': 'no-store',
    ...(result.replayed && { 'idempotency-replayed': 'true' }),
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
