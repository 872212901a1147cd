// Who is asking: verifies bearer tokens against the issuer's published keys.
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import type { Caller } from '../handler/caller.ts';
import { Refusal, Unavailable } from '../contract/errors.ts';

export type TokenCheck = (authorization: string | undefined) => Promise<Signed> | Signed;
/** `token` is absent for anonymous callers. */
export type Signed = { caller: Caller; token: string | undefined };

export type TokenIssuer = { jwksUrl: string; jwtIssuer: string; jwtAudience: string };

/** Verifying costs 350 µs, looking up almost nothing; the oldest entry leaves first. */
const verifiedMax = 10_000;
const clockToleranceSeconds = 30;
/** No key of ours needs more; longer values are refused unread. */
const tokenLengthMax = 4_096;

/**
 * Checks EdDSA and ES256 tokens of one issuer. Keys are fetched when first needed and again for an unknown key id, at most
 * every 5 s. Throws a 401 Refusal for what is no valid token, Unavailable when the keys cannot be fetched.
 */
export function createTokenCheck(issuer: TokenIssuer, now: () => Date): TokenCheck {
  const keys = createRemoteJWKSet(new URL(issuer.jwksUrl), { cooldownDuration: 5_000, timeoutDuration: 5_000 });
  const verified = new Map<string, { signed: Signed; expiresAtMs: number }>();

  async function verify(token: string): Promise<Signed> {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ['EdDSA', 'Ed25519', 'ES256'],
      issuer: issuer.jwtIssuer,
      audience: issuer.jwtAudience,
      requiredClaims: ['exp', 'sub', 'role'],
      clockTolerance: clockToleranceSeconds,
      currentDate: now(),
    }).catch((error: unknown) => {
      throw isAboutToken(error) ? invalidToken(error) : new Unavailable('the token issuer', error);
    });
    const signed = { caller: callerOf(payload.sub, payload['role']), token };
    if (verified.size >= verifiedMax) verified.delete(verified.keys().next().value as string);
    verified.set(token, { signed, expiresAtMs: (payload.exp as number) * 1_000 });
    return signed;
  }

  return (authorization) => {
    if (authorization === undefined) return { caller: { role: 'anonymous' }, token: undefined };
    const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization)?.[1];
    if (token === undefined || token.length > tokenLengthMax) throw invalidToken();

    const known = verified.get(token);
    if (!known) return verify(token);
    if (known.expiresAtMs + clockToleranceSeconds * 1_000 > now().getTime()) return known.signed;
    verified.delete(token);
    throw invalidToken();
  };
}

function callerOf(subject: string | undefined, role: unknown): Caller {
  const userId = /^[1-9]\d{0,15}$/.test(subject ?? '') ? Number(subject) : 0;
  if (!Number.isSafeInteger(userId) || userId < 1) throw invalidToken();
  if (role !== 'customer' && role !== 'teller') throw invalidToken();
  return { role, userId };
}

/** Errors of jose that say the token is bad; all others (time-outs, refused connections, no JWKS) say nothing about it. */
function isAboutToken(error: unknown): boolean {
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
