// Who is asking: verifies bearer tokens against the issuer's published keys, and that their session goes on (ended-sessions.ts).
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndedSessions } from './ended-sessions.ts';
import type { Caller } from '../handler/caller.ts';
import { Refusal, sessionEnded, Unavailable } from '../contract/errors.ts';
import { sessionIdFormat } from '../contract/session.ts';

export type TokenCheck = (authorization: string | undefined) => Promise<Signed> | Signed;
/** `token` and `sessionId` are absent for anonymous callers. */
export type Signed = {
  caller: Caller;
  token: string | undefined;
  sessionId: string | undefined;
  /** Resolves when the token is good no longer: its session has ended, or it has expired. For what lasts longer than a request. */
  untilOver?: (signal: AbortSignal) => Promise<'session_ended' | 'token_expired'>;
};

export type TokenIssuer = { jwksUrl: string; jwtIssuer: string; jwtAudience: string };

/** Verifying costs 350 µs, looking up almost nothing; the oldest entry leaves first. */
const verifiedMax = 10_000;
const clockToleranceSeconds = 30;
const toleranceMs = clockToleranceSeconds * 1_000;
/** How often an open stream's session is looked at. */
const lookedAtEveryMs = 1_000;
/** No key of ours needs more; longer values are refused unread. */
const tokenLengthMax = 4_096;

/**
 * Checks EdDSA and ES256 tokens of one issuer. Keys are fetched when first needed and again for an unknown key id, at most
 * every 5 s. Throws a 401 Refusal for what is no valid token, `session_ended` for one whose session has ended, Unavailable when
 * the keys or the list of ended sessions cannot be fetched.
 */
export function createTokenCheck(issuer: TokenIssuer, ended: EndedSessions, now: () => Date): TokenCheck {
  const keys = createRemoteJWKSet(new URL(issuer.jwksUrl), { cooldownDuration: 5_000, timeoutDuration: 5_000 });
  const verified = new Map<string, { signed: Signed; sessionId: string; expiresAtMs: number }>();

  async function verify(token: string): Promise<Signed> {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['EdDSA', 'Ed25519', 'ES256'],
      issuer: issuer.jwtIssuer,
      audience: issuer.jwtAudience,
      requiredClaims: ['exp', 'sub', 'role', 'sid'],
      clockTolerance: clockToleranceSeconds,
      currentDate: now(),
    }).catch((error: unknown) => {
      throw isAboutToken(error) ? invalidToken(error) : new Unavailable('the token issuer', error);
    });
    const [sessionId, expiresAtMs] = [sessionIdOf(payload['sid']), (payload.exp as number) * 1_000];
    const untilOver = (signal: AbortSignal) =>
      waitUntilOver(ended, sessionId, () => expiresAtMs + toleranceMs <= now().getTime(), signal);
    const signed = { caller: callerOf(payload.sub, payload['role']), token, sessionId, untilOver };
    if (verified.size >= verifiedMax) verified.delete(verified.keys().next().value as string);
    verified.set(token, { signed, sessionId, expiresAtMs });
    return requireOpen(ended, sessionId, signed);
  }

  return (authorization) => {
    if (authorization === undefined) return { caller: { role: 'anonymous' }, token: undefined, sessionId: undefined };
    const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
    if (token === undefined || token.length > tokenLengthMax) throw invalidToken();

    const known = verified.get(token);
    if (!known) return verify(token);
    if (known.expiresAtMs + toleranceMs > now().getTime()) return requireOpen(ended, known.sessionId, known.signed);
    verified.delete(token);
    throw invalidToken();
  };
}

/** Almost always without a promise. */
function requireOpen(ended: EndedSessions, sessionId: string, signed: Signed): Signed | Promise<Signed> {
  const unlessEnded = (hasEnded: boolean) => {
    if (hasEnded) throw sessionEnded();
    return signed;
  };
  const answer = ended.has(sessionId);
  return typeof answer === 'boolean' ? unlessEnded(answer) : answer.then(unlessEnded);
}

async function waitUntilOver(
  ended: EndedSessions,
  sessionId: string,
  isExpired: () => boolean,
  signal: AbortSignal,
): Promise<'session_ended' | 'token_expired'> {
  for (;;) {
    await sleep(lookedAtEveryMs, undefined, { signal, ref: false });
    if (isExpired()) return 'token_expired';
    // A list that cannot be had rejects, which ends the stream as well: it may be opened again once there is one.
    if (await ended.has(sessionId)) return 'session_ended';
  }
}

/** Throws 401 for claims that name nobody. */
export function callerOf(subject: string | undefined, role: unknown): Caller {
  const userId = /^[1-9]\d{0,15}$/.test(subject ?? '') ? Number(subject) : 0;
  if (!Number.isSafeInteger(userId) || userId < 1) throw invalidToken();
  if (role !== 'customer' && role !== 'teller') throw invalidToken();
  return { role, userId };
}

/** Throws 401 for a claim that names no session. */
export function sessionIdOf(sid: unknown): string {
  if (typeof sid === 'string' && sessionIdFormat.test(sid)) return sid;
  throw invalidToken();
}

/** Errors of jose that say the token is bad; all others (time-outs, refused connections, no JWKS) say nothing about it. */
export function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  );
}

function invalidToken(cause?: unknown): Refusal {
  return new Refusal('unauthenticated', 401, 'the bearer token is not valid, or no longer', {
    headers: { 'www-authenticate': 'Bearer realm="microbank", error="invalid_token"' },
    cause,
  });
}
