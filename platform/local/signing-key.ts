// The key that signs this machine's tokens: made once, private, so that tokens stay valid over a restart.
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { keepFile } from './secrets.ts';

/** A private Ed25519 JWK with `kid`. */
export async function keepSigningKey(folder: string): Promise<JWK> {
  return keepFile<JWK>(join(folder, 'signing-key.json'), makeSigningKey);
}

/** `iat`: when it was made, in seconds, for functions/shared/watch/key-metrics.ts. */
export async function makeSigningKey(now: Date = new Date()): Promise<JWK & { kid: string; iat: number }> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  return {
    ...jwk,
    kid: await calculateJwkThumbprint(jwk),
    alg: 'EdDSA',
    use: 'sig',
    iat: Math.floor(now.getTime() / 1_000),
  };
}
