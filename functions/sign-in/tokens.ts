// Signs access tokens with the bank's private key, and shows the public half of the key.
import { randomUUID } from 'node:crypto';
import { decodeJwt, importJWK, SignJWT, type JWK } from 'jose';
import type { User } from '../shared/contract/user.ts';
import type { KeySet } from './contract.ts';

/** How long a token that was copied is good for at most, and how often who works is renewed. What ends sooner: ended-sessions.ts. */
export const tokenLifetimeSeconds = 900;

export type TokenSettings = { signingKey: JWK; issuer: string; audience: string };
export type IssuedToken = { token: string; expiresInSeconds: number; expiresAt: Date };

/** The token says who, in which role, since when and in which session; nothing else about a person leaves the bank in it. */
export async function issueToken(
  { signingKey, issuer, audience }: TokenSettings,
  user: Pick<User, 'id' | 'role'>,
  session: { id: string; created_at: Date; expires_at: Date },
  now: Date,
): Promise<IssuedToken> {
  const alg = algorithmOf(signingKey);
  const issuedAt = toSeconds(now);
  const expiresAt = Math.min(issuedAt + tokenLifetimeSeconds, toSeconds(session.expires_at));
  const token = await new SignJWT({ role: user.role, sid: session.id, auth_time: toSeconds(session.created_at) })
    .setProtectedHeader({ alg, typ: 'JWT', kid: keyIdOf(signingKey) })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(String(user.id))
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .setJti(randomUUID())
    .sign(await importJWK(signingKey, alg));
  return { token, expiresInSeconds: Math.max(1, expiresAt - issuedAt), expiresAt: new Date(expiresAt * 1_000) };
}

/** When a token that was verified is no longer taken. */
export function expiryOfToken(token: string): Date {
  return new Date((decodeJwt(token).exp ?? 0) * 1_000);
}

/** Copies the public members by name, so that a private one can't slip through. */
export function publicKeys(signingKey: JWK): KeySet {
  const { kty, crv, x, y } = signingKey;
  if (kty === undefined || crv === undefined || x === undefined)
    throw new Error('SIGNING_KEY is not an elliptic curve JWK');
  const point = { kty, crv, x, ...(y !== undefined && { y }) };
  return { keys: [{ ...point, kid: keyIdOf(signingKey), alg: algorithmOf(signingKey), use: 'sig' }] };
}

export function toSeconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}

export function algorithmOf({ kty, crv }: JWK): 'EdDSA' | 'ES256' {
  if (kty === 'OKP' && crv === 'Ed25519') return 'EdDSA';
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  throw new Error('SIGNING_KEY has to be an Ed25519 or a P-256 key');
}

export function keyIdOf({ kid }: JWK): string {
  if (kid === undefined) throw new Error('SIGNING_KEY has no kid');
  return kid;
}
