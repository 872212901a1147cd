// The cookie that keeps a browser signed in: its name, how it is written and how it is read.
import type { IncomingHttpHeaders } from 'node:http';
import type { CookieSession } from '../handler/answer.ts';

/**
 * Browsers take a name with this prefix only over https, from this very host and for all of its paths, so no neighbouring host
 * can plant one. Plain http is for `localhost`, where there is no certificate.
 */
export const secureCookieName = '__Host-microbank_session';
export const plainCookieName = 'microbank_session';

/** The token in the request's session cookie, unverified; undefined when there is none, or more than one. */
export function readSessionCookie(headers: IncomingHttpHeaders): string | undefined {
  if (headers.cookie === undefined) return undefined;
  const start = `${isSecure(headers) ? secureCookieName : plainCookieName}=`;
  const values = headers.cookie
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start))
    .map((pair) => pair.slice(start.length));
  // One of two has been planted, by a neighbouring host or for a narrower path, and nothing tells which.
  return values.length === 1 ? values[0] : undefined;
}

/** The value of `Set-Cookie`, under the name that goes with the scheme of the request. */
export function writeSessionCookie(headers: IncomingHttpHeaders, session: CookieSession | undefined): string {
  const { token, expiresInSeconds } = session ?? { token: '', expiresInSeconds: 0 };
  const attributes = `HttpOnly; SameSite=Strict; Path=/; Max-Age=${expiresInSeconds}`;
  return isSecure(headers)
    ? `${secureCookieName}=${token}; ${attributes}; Secure`
    : `${plainCookieName}=${token}; ${attributes}`;
}

/** The edge overwrites X-Forwarded-Proto with the scheme it was asked by; proxies behind it append theirs, so the first one counts. */
function isSecure({ 'x-forwarded-proto': forwarded }: IncomingHttpHeaders): boolean {
  return String(forwarded).split(',')[0]?.trim().toLowerCase() === 'https';
}
