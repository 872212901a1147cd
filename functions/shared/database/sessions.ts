// Ends sessions together with the reason to end them. Every function hears of it within seconds: functions/shared/access/ended-sessions.ts.
import { sql, type Kysely } from 'kysely';
import type { EndReason } from '../contract/session.ts';
import type { UsersSchema } from './users-schema.ts';

/**
 * Ends all open sessions of this user, but `except`, and returns their ids. Whoever calls it has locked the user's row, or changes
 * it in the same transaction, so that no session begins meanwhile: beginning one locks that row as well.
 */
export async function endSessions(
  trx: Kysely<UsersSchema>,
  userId: number | bigint,
  reason: EndReason,
  { except }: { except?: string | undefined } = {},
): Promise<string[]> {
  const ended = await trx
    .updateTable('session')
    .set({ ended_at: sql<Date>`clock_timestamp()`, ended_reason: reason })
    .where('user_id', '=', BigInt(userId))
    .where('ended_at', 'is', null)
    .$if(except !== undefined, (query) => query.where('id', '!=', except as string))
    .returning('id')
    .execute();
  return ended.map(({ id }) => id);
}

/** Ends this session, whoever's it is; false when it had ended before, or is none. */
export async function endSession(trx: Kysely<UsersSchema>, id: string, reason: EndReason): Promise<boolean> {
  const ended = await trx
    .updateTable('session')
    .set({ ended_at: sql<Date>`clock_timestamp()`, ended_reason: reason })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return ended !== undefined;
}

/** A removed user's sessions say no longer from where they were. */
export async function forgetDevices(trx: Kysely<UsersSchema>, userId: number | bigint): Promise<void> {
  await trx.updateTable('session').set({ device: null, network: null }).where('user_id', '=', BigInt(userId)).execute();
}
