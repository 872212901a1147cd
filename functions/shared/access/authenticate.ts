// Who sent a plain HTTP request: whom its bearer token names or, without one, its session cookie. CloudEvents have no cookies.
import type { IncomingMessage } from 'node:http';
import type { Signed, TokenCheck } from './check-token.ts';
import type { Route } from '../contract/function.ts';
import { Refusal } from '../contract/errors.ts';
import { readCookie } from './cookies.ts';
import { ownPageHeader } from '../contract/headers.ts';

/**
 * Throws 401 for an Authorization header that is no good, even beside a good cookie; a cookie that is no good is nobody's.
 * Throws 403 `csrf_refused` when a change has nothing but a cookie to show for itself.
 */
export function authenticate(request: IncomingMessage, route: Route, checkToken: TokenCheck): Promise<Signed> | Signed {
  const { authorization } = request.headers;
  // Browsers add it to no request by themselves, so whoever sends it means what it asks for.
  if (authorization !== undefined) return checkToken(authorization);

  const token = readCookie(request.headers, 'session');
  if (token !== undefined) return checkCookie(token, request, route, checkToken);
  if (route.setsCookie) requireOwnPage(request);
  return checkToken(undefined);
}

async function checkCookie(token: string, request: IncomingMessage, route: Route, checkToken: TokenCheck) {
  const signed = await readToken(token, checkToken);
  if (signed.caller.role !== 'anonymous' || route.setsCookie) requireOwnPage(request);
  return signed;
}

async function readToken(token: string, checkToken: TokenCheck): Promise<Signed> {
  try {
    return await checkToken(`Bearer ${token}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // The browser sends what it has, so an old cookie must not stand in the way of signing in anew.
    return checkToken(undefined);
  }
}

/**
 * The cookie comes with whatever a page asks for, also a page of somebody else on a neighbouring host or port, to which
 * SameSite does not apply. Such a page can't add our header: it would have to ask first (CORS), and nobody here says yes.
 */
function requireOwnPage({ method, headers }: IncomingMessage) {
  if (method === 'GET' || method === 'HEAD') return;
  if (headers[ownPageHeader.name] !== ownPageHeader.value) {
    throw csrfRefused(`a change needs the header X-Requested-With: ${ownPageHeader.value}, or a bearer token`);
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') {
    throw csrfRefused(
      "the browser says, in Sec-Fetch-Site, that this comes from somewhere else than the bank's own pages",
    );
  }
}

function csrfRefused(detail: string): Refusal {
  return new Refusal('csrf_refused', 403, detail);
}
