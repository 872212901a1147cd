// Signs access tokens with the bank's private key, and shows the public half.
import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT, type JWK } from 'jose';
import type { Role } from '../shared/function.ts';
import type { KeySet, Session } from './contract.ts';

/** An hour: what a stolen token is good for, since tokens are checked without asking the database. */
export const tokenLifetimeSeconds = 3600;

export type TokenSettings = { signingKey: JWK; issuer: string; audience: string };

/** The token says who and in which role; nothing else about a person leaves the bank in it. */
export async function issueToken(
  { signingKey, issuer, audience }: TokenSettings,
  user: { id: bigint; role: Role },
  now: Date,
): Promise<Session> {
  const alg = algorithmOf(signingKey);
  const issuedAt = Math.floor(now.getTime() / 1000);
  const token = await new SignJWT({ role: user.role })
    .setProtectedHeader({ alg, typ: 'JWT', kid: keyIdOf(signingKey) })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(String(user.id))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + tokenLifetimeSeconds)
    .setJti(randomUUID())
    .sign(await importJWK(signingKey, alg));
  return { access_token: token, token_type: 'Bearer', expires_in: tokenLifetimeSeconds };
}

/** Copies the public members by name, so that a private one can't slip through. */
export function publicKeys(signingKey: JWK): KeySet {
  const { kty, crv, x, y } = signingKey;
  if (kty === undefined || crv === undefined || x === undefined)
    throw new Error('SIGNING_KEY is not an elliptic curve JWK');
  const point = { kty, crv, x, ...(y !== undefined && { y }) };
  return { keys: [{ ...point, kid: keyIdOf(signingKey), alg: algorithmOf(signingKey), use: 'sig' }] };
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
