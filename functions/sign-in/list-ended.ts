// Which sessions ended before their tokens did: what every function asks for every few seconds. Asked by functions/shared/access/ended-sessions.ts.
import { sql, type Kysely } from 'kysely';
import type { UsersSchema } from '../shared/database/users-schema.ts';
import type { EndedSessions } from './contract.ts';
import { tokenLifetimeSeconds } from './tokens.ts';

/** For clocks that differ, and for a token that was signed while its session ended. */
const marginSeconds = 120;

/** By one index, over the sessions of a quarter of an hour; forty bytes each, so thousands of sign-outs are one small answer. */
export async function listEndedSessions(db: Kysely<UsersSchema>): Promise<EndedSessions> {
  const rows = await db
    .selectFrom('session')
    .select('id')
    .where(
      'ended_at',
      '>',
      sql<Date>`clock_timestamp() - make_interval(secs => ${tokenLifetimeSeconds + marginSeconds})`,
    )
    .orderBy('ended_at')
    .execute();
  return { sessions: rows.map(({ id }) => id) };
}
