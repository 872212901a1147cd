// An issuer of tokens for tests: one Ed25519 key, its JWKS over HTTP, and tokens for whoever a test wants to be.
import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { makeEventKeys, publishedEventKeys } from '../../../platform/local/event-keys.ts';
import { splitTarget } from '../serving/exchange.ts';
import { listen } from '../serving/listen.ts';
import type { SpeakerKey } from '../process/config.ts';

type TokenWish = {
  userId: number | string;
  role?: string;
  /** Seconds; negative for a token that has expired. Default 1 hour. */
  expiresIn?: number;
  issuer?: string;
  audience?: string;
  /** Default: a session of the token's own; null for a token without. */
  sessionId?: string | null | undefined;
};

export type Issuer = {
  jwksUrl: string;
  /** Lists what endSession was called for; a bank that has sign-in asks that instead. */
  endedSessionsUrl: string;
  jwtIssuer: string;
  jwtAudience: string;
  /** Private; what SIGNING_KEY holds. */
  signingKey: JWK;
  /** Of every speaker, published at `eventKeysUrl`; what EVENT_SIGNING_KEY holds is one of them. */
  eventSigningKeys: readonly SpeakerKey[];
  eventKeysUrl: string;
  /** What else is published there, while keys rotate. */
  publishAlso: (keys: readonly SpeakerKey[]) => void;
  platformProof: string;
  tokenFor: (wish: TokenWish) => Promise<string>;
  endSession: (sessionId: string) => void;
  /** How often the list was asked for. */
  timesAsked: () => number;
  close: () => Promise<void>;
};

/** The same for all tests: a broker may be started before the bank that it brings dead letters to. */
export const platformProof = 'the-proof-of-the-platform-in-tests';

const eventKeysPath = '/.well-known/event-keys.json';

const endedSessionsPath = '/.well-known/ended-sessions.json';

export async function startIssuer(): Promise<Issuer> {
  const jwtIssuer = 'https://issuer.test';
  const jwtAudience = 'microbank-test';
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
  const names = { kid, alg: 'EdDSA', use: 'sig' };
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...names }] });
  const eventSigningKeys = await makeEventKeys();
  let publishedAlso: readonly SpeakerKey[] = [];
  const sessions: string[] = [];
  let timesAsked = 0;
  const endedSessions = (): string => {
    timesAsked++;
    return JSON.stringify({ sessions });
  };
  const eventKeys = (): string => JSON.stringify(publishedEventKeys([...eventSigningKeys, ...publishedAlso]));
  const server = await listen(
    (request, response) => {
      const { path } = splitTarget(request.url);
      const body = path === eventKeysPath ? eventKeys() : path === endedSessionsPath ? endedSessions() : jwks;
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    },
    {
      port: 0,
      host: '127.0.0.1',
      graceMs: 100,
    },
  );

  return {
    eventSigningKeys,
    eventKeysUrl: server.url + eventKeysPath,
    publishAlso: (keys) => (publishedAlso = keys),
    platformProof,
    jwksUrl: `${server.url}/.well-known/jwks.json`,
    endedSessionsUrl: server.url + endedSessionsPath,
    jwtIssuer,
    jwtAudience,
    endSession: (sessionId) => void sessions.push(sessionId),
    timesAsked: () => timesAsked,
    signingKey: { ...(await exportJWK(privateKey)), ...names },
    tokenFor({ userId, role = 'customer', sessionId = randomUUID(), ...wish }) {
      const { expiresIn = 3600, issuer = jwtIssuer, audience = jwtAudience } = wish;
      return new SignJWT({ role, ...(sessionId !== null && { sid: sessionId }) })
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

/** What a process is told so that it takes this issuer's tokens, and speaks and hears as the bank does in this test. */
export function tokenConfig({ jwksUrl, endedSessionsUrl, jwtIssuer, jwtAudience, signingKey, ...speech }: Issuer) {
  const { eventSigningKeys, eventKeysUrl, platformProof } = speech;
  const heard = { eventSigningKeys, eventKeysUrl, platformProofs: [platformProof] };
  return { jwksUrl, endedSessionsUrl, jwtIssuer, jwtAudience, signingKey, ...heard };
}
