// Serves functions without sockets: from a request to their real handlers and back, through functions/shared.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TokenCheck } from '../../../functions/shared/access/check-token.ts';
import type { AuthorizeCommand } from '../../../functions/shared/serving/authorize-command.ts';
import { bindRoutes, type BoundFunction } from '../../../functions/shared/serving/bind-routes.ts';
import type { Environment } from '../../../functions/shared/process/environment.ts';
import type { Exchange } from '../../../functions/shared/serving/exchange.ts';
import type { BankFunction } from '../../../functions/shared/process/define-function.ts';
import { eventProblemOf, handleEvent } from '../../../functions/shared/serving/handle-event.ts';
import { handleHttp } from '../../../functions/shared/serving/handle-http.ts';
import { problemOf, sendProblem } from '../../../functions/shared/serving/problem.ts';
import { isEventRequest } from '../../../functions/shared/reading/event.ts';
import { createRouter } from '../../../functions/shared/serving/router.ts';
import { proofIn } from '../../signing/platform-proof.ts';
import type { PostAnswer } from '../../post-event.ts';
import type { Handler, Received } from './network.ts';
import type { Role } from '../../../functions/shared/handler/caller.ts';

/** Paths start with the function's name where `functions` has several: `/deposit/deposits`. */
export function createHandler(functions: readonly BankFunction[], environment: Environment): Handler {
  const bound = new Map(functions.map((fn) => [fn.contract.name, bindRoutes(fn, environment)]));
  const [only] = bound.values();

  return async (received) => {
    const [, name = '', rest = '/'] = /^\/([^/]*)(\/.*)?$/.exec(received.url.pathname) ?? [];
    if (bound.size === 1 && only) return answer(only, received.url.pathname, received);
    return answer(bound.get(name) as BoundFunction, rest, received);
  };
}

async function answer(bound: BoundFunction, path: string, { headers, body }: Received): Promise<PostAnswer> {
  const { given, response } = createResponse();
  const proof = proofIn(path);
  const match = path === '/' || proof !== undefined ? undefined : createRouter([bound.contract]).match('POST', path);
  if (match && match.kind !== 'route') throw new Error(`${bound.contract.name} has no ${path}`);
  const request = { method: 'POST', headers } as unknown as IncomingMessage;
  const traceparent = headers.traceparent ?? '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const measured = { streams: () => undefined };
  const exchange: Exchange = { request, response, path, search: '', traceparent, body, measured, match, proof };
  const route = match && bound.routes.get(match.routeKey);
  const isEvent = isEventRequest(headers);
  const never = new AbortController().signal;
  try {
    if (isEvent || !route) await handleEvent(exchange, bound, authorizeCommand, never);
    else await handleHttp(exchange, route, checkToken, never);
  } catch (error) {
    sendProblem(response, isEvent ? eventProblemOf(error) : problemOf(error), traceparent);
  }
  return given;
}

/** `Bearer teller` or `Bearer customer:<user id>`: who may do what is not what is simulated. */
const checkToken: TokenCheck = (authorization = '') => {
  const [role = '', id = '1'] = authorization.replace('Bearer ', '').split(':');
  return { caller: { role: role as Role, userId: Number(id) }, token: role, sessionId: undefined };
};

/** The same text, as what a command carries through a broker. */
const authorizeCommand: AuthorizeCommand = async ({ extensions }, authorization) =>
  checkToken(extensions['authority'] ?? authorization);

function createResponse(): { given: PostAnswer; response: ServerResponse } {
  const given = { status: 0, headers: {} as Record<string, string>, body: Buffer.alloc(0) };
  const response = {
    headersSent: false,
    writeHead(status: number, headers: Record<string, unknown>) {
      given.status = status;
      for (const [name, value] of Object.entries(headers)) given.headers[name.toLowerCase()] = String(value);
      return response;
    },
    end(text: string | Buffer = '') {
      given.body = Buffer.from(text);
      return response;
    },
    once: () => response,
    destroyed: false,
  };
  return { given, response: response as unknown as ServerResponse };
}
