// Lets somebody who is signed in authorise one command, so that it can go through a broker. Checked by functions/shared/access/check-authority.ts.
import { importJWK, SignJWT } from 'jose';
import { authorityAudience, authorityType, digestOfData } from '../shared/access/check-authority.ts';
import type { Call } from '../shared/handler/call.ts';
import type { CommandAuthority, CommandToAuthorize } from './contract.ts';
import { algorithmOf, keyIdOf, toSeconds, type TokenSettings } from './tokens.ts';

/** Long enough for a broker's retries and a function's start, short enough for what waits in queues. */
export const authorityLifetimeSeconds = 600;

/**
 * A JWT that says who wants exactly this: the command's type, source, id and the digest of its data. Whoever sees it on the way
 * can do no more with it than send the same command again, which changes nothing.
 */
export async function authorizeCommand(
  { signingKey, issuer }: TokenSettings,
  { type, source, id, data }: CommandToAuthorize,
  { caller, sessionId }: Pick<Call, 'caller' | 'sessionId'>,
  now: Date,
): Promise<CommandAuthority> {
  if (caller.role === 'anonymous') throw new Error('nobody is signed in: the route lets no such caller through');
  const alg = algorithmOf(signingKey);
  const issuedAt = toSeconds(now);
  const expiresAt = issuedAt + authorityLifetimeSeconds;
  const authority = await new SignJWT({
    role: caller.role,
    sid: sessionId,
    type,
    source,
    id,
    data_sha256: digestOfData(data),
  })
    .setProtectedHeader({ alg, typ: authorityType, kid: keyIdOf(signingKey) })
    .setIssuer(issuer)
    .setAudience(authorityAudience)
    .setSubject(String(caller.userId))
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(await importJWK(signingKey, alg));
  return { authority, expires_at: new Date(expiresAt * 1_000).toISOString() };
}
