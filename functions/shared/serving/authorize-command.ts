// Whose command an event brings. Through a broker its authority comes with it; who posts it directly may show a token instead.
import { authorityAttribute } from '../../../eventing/events/command-type.ts';
import { authorityFaults, authorityRefused, createAuthorityCheck } from '../access/check-authority.ts';
import type { EndedSessions } from '../access/ended-sessions.ts';
import type { Signed, TokenCheck } from '../access/check-token.ts';
import type { Access } from '../contract/function.ts';
import type { IncomingEvent } from '../handler/event.ts';
import type { Environment } from '../process/environment.ts';
import { countRefusedAuthorities } from '../watch/refused-authorities.ts';

/** `access`: that of the command's route. */
export type AuthorizeCommand = (
  event: IncomingEvent,
  authorization: string | undefined,
  access: Access,
) => Promise<Signed>;

/**
 * Throws 401 for a command of nobody, unless it is anybody's to give, and for an authority that is no good, even beside a good
 * token: what the sender put into the event says who they are, whatever a dispatcher has to show for itself.
 */
export function createCommandAuthorization(
  { config, now, metrics }: Pick<Environment, 'config' | 'now' | 'metrics'>,
  checkToken: TokenCheck,
  ended: EndedSessions,
): AuthorizeCommand {
  const count = countRefusedAuthorities(metrics, authorityFaults);
  const checkAuthority = createAuthorityCheck(config, ended, now, count);

  return async ({ type, source, id, data, extensions }, authorization, access) => {
    const authority = extensions[authorityAttribute];
    if (authority !== undefined) return checkAuthority(authority, { type, source, id, data });
    const signed = await checkToken(authorization);
    if (signed.caller.role !== 'anonymous' || access === 'anyone') return signed;
    count('missing');
    throw authorityRefused('missing');
  };
}
