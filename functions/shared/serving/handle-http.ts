// A plain HTTP request: who asks, what exactly, the handler, the answer. Next in the story: the handler, e.g. functions/deposit/deposit.ts.
import type { TokenCheck } from '../access/check-token.ts';
import { authenticate } from '../access/authenticate.ts';
import { negotiate, type BoundRoute } from './bind-routes.ts';
import { createCall } from './create-call.ts';
import { retrying } from '../database/pool.ts';
import { cursorInvalid } from '../reading/cursor.ts';
import { sendEventStream } from './event-stream.ts';
import { Refusal } from '../contract/errors.ts';
import type { Exchange } from './exchange.ts';
import { idempotencyKeyFrom } from './idempotency.ts';
import { parseJson } from '../reading/json.ts';
import { isUtf8Charset, mediaTypeOf } from '../reading/media-type.ts';
import { readCommand } from '../reading/command.ts';
import { isKind, sendAnswer } from './send-answer.ts';
import { requireAccess } from '../access/require-access.ts';

export async function handleHttp(exchange: Exchange, bound: BoundRoute, checkToken: TokenCheck, stopping: AbortSignal) {
  const { request, response } = exchange;
  const { route, routeKey } = bound;
  const checked = authenticate(request, route, checkToken);
  // Almost always a token seen before: no promise for it.
  const signed = checked instanceof Promise ? await checked : checked;
  requireAccess(route.access, signed.caller);

  const key = bound.isRead ? undefined : idempotencyKeyFrom(request.headers['idempotency-key']);
  const accept = negotiate(bound, request.headers.accept);
  const { command, query, after } = readCommand(bound.schemas, {
    routeKey,
    params: exchange.match?.params ?? {},
    search: exchange.search,
    body: readJson(exchange),
  });
  const call = createCall({
    exchange,
    signed,
    channel: 'http',
    accept,
    after,
    stopping,
    idempotency: () => bound.identify({ caller: signed.caller, key, routeKey, route, command }),
  });

  const run = () => bound.handle(command, call);
  const result = await (bound.isRead ? retrying(run) : run()).catch((error: unknown) => {
    throw after && isDataException(error) ? cursorInvalid(error) : error;
  });
  if (isKind(result, 'event-stream')) {
    if (request.method === 'HEAD')
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).end();
    else {
      exchange.measured.streams();
      exchange.span?.set({ 'http.response.status_code': 200 });
      exchange.span?.end(); // How long somebody listens is nobody's wait.
      await sendEventStream(response, result, call.signal, signed.untilOver);
    }
  } else sendAnswer(exchange, route, result, query);
}

function readJson({ request, body }: Exchange): unknown {
  if (body.length === 0) return undefined;
  const type = mediaTypeOf(request.headers['content-type']);
  if (type?.essence !== 'application/json' || !isUtf8Charset(type)) {
    throw new Refusal('unsupported_media_type', 415, 'send the body as application/json in UTF-8', {
      headers: { accept: 'application/json' },
    });
  }
  return parseJson(body);
}

/** Postgres' class 22: values of a forged cursor that are no id or time. Our own cursors and schemas never get there. */
function isDataException(error: unknown): boolean {
  return error instanceof Error && /^22/.test(String((error as { code?: unknown }).code));
}
