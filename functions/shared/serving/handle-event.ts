// A CloudEvent: a command answered with the event it caused, or a fact from elsewhere applied without an answer.
//
// A Knative dispatcher takes every 4xx but 404, 408, 409 and 429 for success and forgets the event. So a refusal is recorded and
// answered as an event with 200, and what nobody can record is 500: tried again, then dead-lettered where somebody sees it. That is
// so at a function's root, where brokers deliver. At a route a client asks, and is told the refusal itself.
import { toBinaryMessage, toStructuredMessage } from '../../../eventing/events/cloudevent.ts';
import { speakerOf } from '../../../eventing/signing/speakers.ts';
import type { AuthorizeCommand } from './authorize-command.ts';
import { answerQuestion } from '../questions/answer.ts';
import type { Committed } from '../handler/answer.ts';
import type { BoundFunction, BoundRoute } from './bind-routes.ts';
import { createCall } from './create-call.ts';
import { Refusal } from '../contract/errors.ts';
import type { Exchange } from './exchange.ts';
import { hear, hearQuestion, NotYours, takesAnyEvent } from './hear.ts';
import { type Problem, problemOf } from './problem.ts';
import { readAnyEvent } from '../reading/any-event.ts';
import { readEventCommand } from '../reading/command.ts';
import { eventModeOf, readEvent, type ReadEvent } from '../reading/event.ts';
import { isKind } from './send-answer.ts';
import { eventAttributes } from '../../../eventing/events/event-spans.ts';
import { inSpan, type SpanParts } from '../tracing/spans.ts';
import { traceparentFrom } from '../watch/trace.ts';
import { requireAccess } from '../access/require-access.ts';
import type { Call } from '../handler/call.ts';
import type { IncomingEvent } from '../handler/event.ts';
import { commonHeaders } from '../contract/headers.ts';

export async function handleEvent(
  exchange: Exchange,
  bound: BoundFunction,
  authorizeCommand: AuthorizeCommand,
  stopping: AbortSignal,
) {
  const read = takesAnyEvent(bound.contract) ? readAnyEvent : readEvent;
  const event = read(exchange.request.headers, exchange.body);
  exchange.event = { id: event.id, type: event.type };
  const describe = (): SpanParts => ({
    kind: 'consumer',
    ...causeOf(event, exchange),
    attributes: eventAttributes('process', event),
  });
  await inSpan(`process ${nameOf(event, bound)}`, describe, async (span) => {
    // Where the event was caused says more than which hop delivers it.
    if (span) exchange.traceparent = span.traceparent;
    else if (event.traceparent !== undefined) exchange.traceparent = traceparentFrom(event.traceparent);
    await dispatch(event, exchange, bound, authorizeCommand, stopping);
  });
}

/** Types that a stranger may have made up would make as many names of spans. */
function nameOf({ type }: ReadEvent, { contract }: BoundFunction): string {
  return takesAnyEvent(contract) ? 'any event' : type;
}

/**
 * A span goes on from the hop that delivers, and has a link to what caused the event. Only a hop of another trace (a broker that keeps its
 * own, a teller who sends a dead letter again) is the link: an event stays in the trace that caused it.
 */
function causeOf(
  { traceparent: cause }: ReadEvent,
  { traceparent: hop }: Exchange,
): Pick<SpanParts, 'parent' | 'links'> {
  if (cause === undefined) return {};
  const isOtherTrace = cause.slice(0, 36) !== hop.slice(0, 36) && traceparentFrom(cause) === cause;
  return isOtherTrace ? { parent: cause, links: [hop] } : { links: [cause] };
}

async function dispatch(
  event: ReadEvent,
  exchange: Exchange,
  bound: BoundFunction,
  authorizeCommand: AuthorizeCommand,
  stopping: AbortSignal,
) {
  const { command, consumes = [] } = bound.contract;
  const route = command && bound.routes.get(command.route);
  if (route && event.type === command.type) {
    const result = await runCommand({ exchange, bound, route, authorizeCommand, stopping }, event);
    sendResult(exchange, bound, result);
    return;
  }
  // Only where the broker delivers: the edge lets anybody reach the routes, and a fact or a question needs no token.
  const isInside = exchange.match === undefined;
  const asked = isInside && bound.handlers.questions?.find(({ question }) => question.requested === event.type);
  if (asked) {
    await hearQuestion(exchange, bound, event.type);
    return answerQuestion(asked, event, bound.contract.name, exchange.response);
  }
  const isConsumed = isInside && (consumes.includes(event.type) || takesAnyEvent(bound.contract));
  if (!isConsumed || !bound.handlers.onEvent) {
    throw new Refusal('cloudevent_type_unexpected', 400, `${bound.contract.name} takes no event of this type`);
  }
  const { attributes, ...incoming } = event;
  const verified = await hear(exchange, bound, incoming, attributes);
  await bound.handlers.onEvent({
    ...incoming,
    traceparent: exchange.traceparent,
    ...(verified !== undefined && { verified }),
  });
  exchange.response.writeHead(204, commonHeaders).end();
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
  return isForNow(error) || error instanceof NotYours ? problem : { ...problem, status: 500 };
}

type Command = {
  exchange: Exchange;
  bound: BoundFunction;
  route: BoundRoute;
  authorizeCommand: AuthorizeCommand;
  stopping: AbortSignal;
};

async function runCommand(
  { exchange, bound, route, authorizeCommand, stopping }: Command,
  event: IncomingEvent,
): Promise<unknown> {
  const signed = await authorizeCommand(event, exchange.request.headers.authorization, route.route.access);
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
      route.identify({
        caller: signed.caller,
        eventSource: event.source,
        key: event.id,
        routeKey: route.routeKey,
        route: route.route,
        command: event.data,
      }),
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

function sendResult({ request, response }: Exchange, { environment }: BoundFunction, result: unknown) {
  if (!isKind(result, 'committed') || !result.event) {
    response.writeHead(204, commonHeaders).end();
    return;
  }
  const isStructured = eventModeOf(request.headers) === 'structured';
  // A broker publishes it: consumers take it from nobody without the signature.
  const speaker = speakerOf(result.event);
  const signature = speaker && environment.voiceOf(speaker).signNow(result.event);
  const write = isStructured ? toStructuredMessage : toBinaryMessage;
  const { headers, body } = write(result.event, signature);
  response.writeHead(200, {
    ...commonHeaders,
    ...headers,
    'cache-control': 'no-store',
    ...(result.replayed && { 'idempotency-replayed': 'true' }),
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
