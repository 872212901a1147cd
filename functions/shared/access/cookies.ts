// The cookies that keep a browser signed in: their names, how they are written and how they are read.
import type { IncomingHttpHeaders } from 'node:http';
import type { Cookie } from '../handler/answer.ts';

type Kind = Cookie['kind'];

/**
 * Browsers take a name with one of these prefixes only over https, so no neighbouring host can plant one; with `__Host-` also only
 * from this very host and for all of its paths. Plain http is for `localhost`, where there is no certificate. What renews a
 * session goes with no other request than one about sessions: where it does not go, nothing can lose it.
 */
const kinds: Readonly<Record<Kind, { name: string; prefix: string; path: string | undefined }>> = {
  session: { name: 'microbank_session', prefix: '__Host-', path: undefined },
  renewal: { name: 'microbank_renewal', prefix: '__Secure-', path: '/web-sessions' },
  device: { name: 'microbank_device', prefix: '__Secure-', path: '/web-sessions' },
};

/** Under which name a browser keeps it. */
export function cookieName(kind: Kind, isSecure: boolean): string {
  const { name, prefix } = kinds[kind];
  return isSecure ? prefix + name : name;
}

/** The request's cookie, unverified; undefined when there is none, or more than one. */
export function readCookie(headers: IncomingHttpHeaders, kind: Kind): string | undefined {
  if (headers.cookie === undefined) return undefined;
  const start = `${cookieName(kind, isSecure(headers))}=`;
  const values = headers.cookie
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start))
    .map((pair) => pair.slice(start.length));
  // One of two has been planted, by a neighbouring host or for a narrower path, and nothing tells which.
  return values.length === 1 ? values[0] : undefined;
}

/** The value of `Set-Cookie`, under the name that goes with the scheme of the request; `prefix` is what the edge strips from paths. */
export function writeCookie(
  headers: IncomingHttpHeaders,
  { kind, value, maxAgeSeconds }: Cookie,
  prefix: string,
): string {
  const { path } = kinds[kind];
  const attributes = `HttpOnly; SameSite=Strict; Path=${path === undefined ? '/' : prefix + path}; Max-Age=${maxAgeSeconds}`;
  return `${cookieName(kind, isSecure(headers))}=${value}; ${attributes}${isSecure(headers) ? '; Secure' : ''}`;
}

/** The edge overwrites X-Forwarded-Proto with the scheme it was asked by; proxies behind it append theirs, so the first one counts. */
function isSecure({ 'x-forwarded-proto': forwarded }: IncomingHttpHeaders): boolean {
  return String(forwarded).split(',')[0]?.trim().toLowerCase() === 'https';
}
