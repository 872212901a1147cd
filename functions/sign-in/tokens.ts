// Signs access tokens with the bank's private key, reads their times, and shows the public half of the key.
import { randomUUID } from 'node:crypto';
import { decodeJwt, importJWK, SignJWT, type JWK } from 'jose';
import type { User } from '../shared/contract/user.ts';
import type { KeySet } from './contract.ts';

/** An hour: what a stolen token is good for, since tokens are checked without asking the database. */
export const tokenLifetimeSeconds = 3600;
/** A working day: after it nothing but the password gets a token, however often it was renewed. */
const sessionLifetimeSeconds = 12 * 3600;

export type TokenSettings = { signingKey: JWK; issuer: string; audience: string };
/** Seconds since 1970, as tokens have them. */
export type TokenTimes = { signedInAt: number; expiresAt: number; endsAt: number };
export type IssuedToken = { token: string; expiresInSeconds: number; times: TokenTimes };

/** The token says who, in which role and since when; nothing else about a person leaves the bank in it. */
export async function issueToken(
  { signingKey, issuer, audience }: TokenSettings,
  user: Pick<User, 'id' | 'role'>,
  now: Date,
  signedInAt = toSeconds(now),
): Promise<IssuedToken> {
  const alg = algorithmOf(signingKey);
  const issuedAt = toSeconds(now);
  const endsAt = signedInAt + sessionLifetimeSeconds;
  const expiresAt = Math.min(issuedAt + tokenLifetimeSeconds, endsAt);
  const token = await new SignJWT({ role: user.role, auth_time: signedInAt })
    .setProtectedHeader({ alg, typ: 'JWT', kid: keyIdOf(signingKey) })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(String(user.id))
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .setJti(randomUUID())
    .sign(await importJWK(signingKey, alg));
  return { token, expiresInSeconds: expiresAt - issuedAt, times: { signedInAt, expiresAt, endsAt } };
}

/** The times of a token that was verified. One without `auth_time` (OpenID Connect Core, 2) was issued when its user signed in. */
export function readTimes(token: string): TokenTimes {
  const { auth_time, iat = 0, exp = 0 } = decodeJwt<{ auth_time?: unknown }>(token);
  const signedInAt = typeof auth_time === 'number' ? auth_time : iat;
  const endsAt = signedInAt + sessionLifetimeSeconds;
  return { signedInAt, expiresAt: Math.min(exp, endsAt), endsAt };
}

/** Copies the public members by name, so that a private one can't slip through. */
export function publicKeys(signingKey: JWK): KeySet {
  const { kty, crv, x, y } = signingKey;
  if (kty === undefined || crv === undefined || x === undefined)
    throw new Error('SIGNING_KEY is not an elliptic curve JWK');
  const point = { kty, crv, x, ...(y !== undefined && { y }) };
  return { keys: [{ ...point, kid: keyIdOf(signingKey), alg: algorithmOf(signingKey), use: 'sig' }] };
}

function toSeconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}

function algorithmOf({ kty, crv }: JWK): 'EdDSA' | 'ES256' {
  if (kty === 'OKP' && crv === 'Ed25519') return 'EdDSA';
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  throw new Error('SIGNING_KEY has to be an Ed25519 or a P-256 key');
}

function keyIdOf({ kid }: JWK): string {
  if (kid === undefined) throw new Error('SIGNING_KEY has no kid');
  return kid;
}
