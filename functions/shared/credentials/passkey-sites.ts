// At which pages passkeys are made and used: the origins that the bank's pages come from, each with the host that its passkeys belong to.
import { Refusal } from '../contract/errors.ts';

/**
 * A passkey belongs to a host (WebAuthn's relying party id) and the browser offers it to pages of that host alone; which page of it asked,
 * with scheme and port, it signs into `clientDataJSON`. Both are checked here against a setting, `PASSKEY_ORIGINS`, and never against the
 * request's own Host: who could choose that could have assertions made for a page of theirs and use them here.
 *
 * - On a laptop: `http://microbank.localhost:8080` and `http://localhost:8080`. Browsers hold both for secure although they are http, and
 *   refuse addresses like 127.0.0.1, which are no domain. `localhost` is nobody's parent domain, so a passkey made at one does not work at
 *   the other; the port counts, because another program's pages may be at the same host.
 * - On a cluster: where people reach the edge, e.g. `https://bank.example`. Another host later means new passkeys: keep the old one in the
 *   list while they are made.
 */
export function siteOf(clientDataJSON: string, origins: readonly string[]): { site: string; origin: string } {
  const { origin, crossOrigin } = readClientData(clientDataJSON);
  // No page of ours is framed by anybody, so an answer from within a frame is somebody else's doing.
  if (crossOrigin === true || !origins.includes(String(origin)))
    throw passkeyRefused('the passkey was used at a page that is none of the bank');
  return { site: new URL(String(origin)).hostname, origin: String(origin) };
}

/** What PASSKEY_ORIGINS says. */
export function requireOrigins(origins: readonly string[] | undefined): readonly string[] {
  if (!origins) throw new Error('PASSKEY_ORIGINS is missing: passkeys need to know at which addresses the pages are');
  return origins;
}

/** The challenge that was answered, as it was sent. */
export function challengeIn(clientDataJSON: string): string {
  return String(readClientData(clientDataJSON).challenge);
}

/** One code for everything that can be wrong with an answer of an authenticator; 401 where somebody wants to sign in with it. */
export function passkeyRefused(detail: string, status: 401 | 422 = 422, cause?: unknown): Refusal {
  const headers = status === 401 ? { 'www-authenticate': 'Bearer realm="microbank"' } : {};
  return new Refusal('passkey_refused', status, detail, { headers, cause });
}

function readClientData(clientDataJSON: string): { origin?: unknown; challenge?: unknown; crossOrigin?: unknown } {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
    if (typeof data === 'object' && data !== null) return data;
  } catch (cause) {
    throw passkeyRefused('clientDataJSON is not JSON', 422, cause);
  }
  throw passkeyRefused('clientDataJSON is not an object');
}
