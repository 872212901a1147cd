// Whose command an event brings: verifies the authority that its sender got for it from POST /command-authorities.
import { hash } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { canonicalJson } from '../../../eventing/signing/canonical.ts';
import { Refusal, Unavailable } from '../contract/errors.ts';
import type { EndedSessions } from './ended-sessions.ts';
import { callerOf, isAboutToken, sessionIdOf, type Signed, type TokenIssuer } from './check-token.ts';

/** No access token is good as an authority, nor an authority as an access token: they are for different audiences. */
export const authorityAudience = 'microbank-command';
/** The JWT's `typ`. */
export const authorityType = 'command+jwt';

/** What an authority is for; another command, or the same with other data, needs another one. */
type CommandNamed = { type: string; source: string; id: string; data: unknown };

/** Why one was refused; each is a series of a metric. */
export const authorityFaults = ['missing', 'invalid', 'expired', 'foreign', 'session_ended'] as const;
export type AuthorityFault = (typeof authorityFaults)[number];

export type AuthorityCheck = (authority: string, command: CommandNamed) => Promise<Signed>;

const clockToleranceSeconds = 30;
const lengthMax = 4_096;

/** Throws a 401 Refusal for what does not authorise this very command, Unavailable when the issuer's keys cannot be fetched. */
export function createAuthorityCheck(
  issuer: Pick<TokenIssuer, 'jwksUrl' | 'jwtIssuer'>,
  ended: EndedSessions,
  now: () => Date,
  onRefused: (fault: AuthorityFault) => void,
): AuthorityCheck {
  const keys = createRemoteJWKSet(new URL(issuer.jwksUrl), { cooldownDuration: 5_000, timeoutDuration: 5_000 });
  const refuse = (fault: AuthorityFault, cause?: unknown): Refusal => {
    onRefused(fault);
    return authorityRefused(fault, cause);
  };

  return async (authority, command) => {
    if (authority.length > lengthMax) throw refuse('invalid');
    const { payload } = await jwtVerify(authority, keys, {
      algorithms: ['EdDSA', 'Ed25519', 'ES256'],
      issuer: issuer.jwtIssuer,
      audience: authorityAudience,
      typ: authorityType,
      requiredClaims: ['exp', 'sub', 'role', 'sid', 'type', 'source', 'id', 'data_sha256'],
      clockTolerance: clockToleranceSeconds,
      currentDate: now(),
    }).catch((error: unknown) => {
      if (!isAboutToken(error)) throw new Unavailable('the token issuer', error);
      throw refuse(error instanceof errors.JWTExpired ? 'expired' : 'invalid', error);
    });
    if (!isFor(payload, command)) throw refuse('foreign');
    // Absent: it asks no other function in this name, where it would be good for more than the one command.
    const sessionId = sessionIdOf(payload['sid']);
    if (await ended.has(sessionId)) throw refuse('session_ended');
    return { caller: callerOf(payload.sub, payload['role']), token: undefined, sessionId };
  };
}

/** SHA-256 of a command's data as parseJson gives them: the same however they were written, and through which broker they came. */
export function digestOfData(data: unknown): string {
  return hash('sha256', canonicalJson(data), 'hex');
}

function isFor(payload: JWTPayload, { type, source, id, data }: CommandNamed): boolean {
  const { type: forType, source: forSource, id: forId, data_sha256: forData } = payload;
  return forType === type && forSource === source && forId === id && forData === digestOfData(data);
}

const details: Record<AuthorityFault, string> = {
  missing:
    'a command needs a bearer token, or in its attribute `authority` what POST /command-authorities gives for this very command',
  invalid: 'the authority of this command is not valid',
  expired: 'the authority of this command has expired; get another one from POST /command-authorities',
  session_ended: 'the session in which this command was authorised has ended; sign in and authorise it again',
  foreign: 'the authority is for another command: its type, source, id and data have to be those it was asked for with',
};

export function authorityRefused(fault: AuthorityFault, cause?: unknown): Refusal {
  return new Refusal(fault === 'session_ended' ? fault : 'unauthenticated', 401, details[fault], {
    headers: { 'www-authenticate': `Bearer realm="microbank"${fault === 'missing' ? '' : ', error="invalid_token"'}` },
    cause,
  });
}
