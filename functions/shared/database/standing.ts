// Whether who asks still stands where their token says, looked at in the very commit that gives or takes rights.
import type { Kysely } from 'kysely';
import { Refusal, sessionEnded } from '../contract/errors.ts';
import type { Call } from '../handler/call.ts';
import type { Role } from '../handler/caller.ts';
import type { UsersSchema } from './users-schema.ts';

/**
 * A token is taken for some seconds after its session ended (functions/shared/access/ended-sessions.ts); what gives or takes rights must
 * not wait so long. The rows stay locked until the commit, so a removal, a change of role or the session's end comes before it, and
 * is seen here, or after it. Who locks other users' rows as well does so first, in the order of ids.
 * Throws 401 `session_ended` when the session or its user is gone, 403 `forbidden` when the caller has not the role `needed`.
 */
export async function requireStanding(
  trx: Kysely<UsersSchema>,
  { caller, sessionId }: Pick<Call, 'caller' | 'sessionId'>,
  needed?: Role,
): Promise<void> {
  if (caller.role === 'anonymous' || sessionId === undefined) throw sessionEnded();
  const user = await trx
    .selectFrom('bank_user')
    .select('role')
    .where('id', '=', BigInt(caller.userId))
    .where('removed_at', 'is', null)
    .forShare()
    .executeTakeFirst();
  // The user before the session, as everybody who ends sessions: in one order, nobody waits in a circle.
  const session = await trx
    .selectFrom('session')
    .select('id')
    .where('id', '=', sessionId)
    .where('user_id', '=', BigInt(caller.userId))
    .where('ended_at', 'is', null)
    .forShare()
    .executeTakeFirst();
  if (!user || !session) throw sessionEnded();
  if (user.role !== caller.role || (needed !== undefined && user.role !== needed))
    throw new Refusal('forbidden', 403, `only a ${needed ?? caller.role} may do this`);
}
