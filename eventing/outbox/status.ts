// What an outbox still owes: how many events, and since when.
import type { Pool } from 'pg';
import type { Consumers } from './consumers.ts';

export type Owed = {
  /** Events that some consumer has not been found to have. Counts up to `countMax`. */
  owed: number;
  /** Of the oldest of those, in seconds; 0 without any. */
  oldestAgeSeconds: number;
  /** When the oldest event that is not settled was written, with a consumer or without; null when all are. */
  oldestUnsettled: Date | null;
};

/** Beyond that the number is of no more use than this one. */
const countMax = 1_000_000;

// Two halves, because each has its index.
const owedSql = `
  SELECT count(*) FILTER (WHERE type = ANY ($1))::int AS owed, min(time) AS "oldestUnsettled",
    greatest(0, coalesce(extract(epoch FROM coalesce($2::timestamptz, now()) - min(time) FILTER (WHERE type = ANY ($1))), 0))::float8
      AS "oldestAgeSeconds"
  FROM (
    (SELECT type, time FROM outbox WHERE handed_over_at IS NULL AND settled_at IS NULL LIMIT ${countMax})
    UNION ALL
    (SELECT type, time FROM outbox WHERE handed_over_at IS NOT NULL AND settled_at IS NULL LIMIT ${countMax})
  ) AS unsettled`;

/** Events whose type no Trigger names are owed to nobody. Run reconcile() first, or what consumers have by now counts as well. */
export async function readOwed(pool: Pool, consumers: Consumers, now?: Date): Promise<Owed> {
  const values = [consumers.types, now ?? null];
  const { rows } = await pool.query<Owed>({ name: 'read-owed', text: owedSql, values });
  return rows[0] ?? { owed: 0, oldestAgeSeconds: 0, oldestUnsettled: null };
}
