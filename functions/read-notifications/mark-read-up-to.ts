// Marks a person's notifications as read up to one of them: the bell was opened, and what it showed is no longer new.
import { type Kysely, sql } from 'kysely';
import { retrying } from '../shared/database/pool.ts';
import type { NotificationsSchema } from '../shared/database/notifications-schema.ts';
import { mostMarkedAtOnce } from './contract.ts';

/** Some milliseconds of locks; whoever marks one of these meanwhile waits no longer. */
const batchRows = 1_000;

/**
 * Marks the unread ones with an id up to this one, at most `mostMarkedAtOnce` of them, each batch in a commit of its own. What was
 * marked before keeps its time, so asking again changes nothing, and goes on where the limit ended it.
 */
export async function markReadUpTo(db: Kysely<NotificationsSchema>, owner: number, upToId: number): Promise<void> {
  for (let marked = 0; marked < mostMarkedAtOnce; marked += batchRows) {
    const rows = await retrying(() => markBatch(db, owner, upToId));
    if (rows < batchRows) return;
  }
}

/** Waits for nobody but another reader of these rows: apply_events() only adds new ones, and locks people, not rows. */
async function markBatch(db: Kysely<NotificationsSchema>, owner: number, upToId: number): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE notification SET read_at = clock_timestamp()
    WHERE id IN (
      SELECT id FROM notification
      WHERE user_id = ${owner} AND read_at IS NULL AND id <= ${upToId}
      -- The order of the index of unread ones, and one lock order everywhere: the same person on two devices can't deadlock. A row
      -- that the other device has marked meanwhile is passed over and does not count, so a short batch is the last.
      ORDER BY booked_at, coalesce(transaction_id, 0), id LIMIT ${batchRows} FOR NO KEY UPDATE
    )`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
