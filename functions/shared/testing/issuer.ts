// An issuer of tokens for tests: one Ed25519 key, its JWKS over HTTP, and tokens for whoever a test wants to be.
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { listen } from '../serving/listen.ts';

type TokenWish = {
  userId: number | string;
  role?: string;
  /** Seconds; negative for a token that has expired. Default 1 hour. */
  expiresIn?: number;
  issuer?: string;
  audience?: string;
};

export type Issuer = {
  jwksUrl: string;
  jwtIssuer: string;
  jwtAudience: string;
  /** Private; what SIGNING_KEY holds. */
  signingKey: JWK;
  tokenFor: (wish: TokenWish) => Promise<string>;
  close: () => Promise<void>;
};

export async function startIssuer(): Promise<Issuer> {
  const jwtIssuer = 'https://issuer.test';
  const jwtAudience = 'microbank-test';
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
  const names = { kid, alg: 'EdDSA', use: 'sig' };
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...names }] });
  const server = await listen(
    (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(jwks),
    {
      port: 0,
      host: '127.0.0.1',
      graceMs: 100,
    },
  );

  return {
    jwksUrl: `${server.url}/.well-known/jwks.json`,
    jwtIssuer,
    jwtAudience,
    signingKey: { ...(await exportJWK(privateKey)), ...names },
    tokenFor({ userId, role = 'customer', expiresIn = 3600, issuer = jwtIssuer, audience = jwtAudience }) {
      return new SignJWT({ role })
        .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
        .setSubject(String(userId))
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(Math.floor(Date.now() / 1000) - 7200)
        .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
        .sign(privateKey);
    },
    close: () => server.stop(),
  };
}
