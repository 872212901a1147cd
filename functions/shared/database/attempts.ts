// Limits what may be tried only so often: guesses at passwords, registrations, look-ups. Counted in the database that all copies share.
//
// NIST SP 800-63B-4, 3.2.2: who fails waits, each time twice as long, and after a hundred failures in a row the door stays closed. Who is
// counted is for each use to say; functions/sign-in/attempts.ts keeps the owner of an account apart from those who guess at it.
import { createHmac, hkdfSync } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { tooMany, type Policy } from '../contract/rate-limit.ts';
import type { AttemptSchema } from './attempt-schema.ts';

export type Limit = {
  /** In the answer's RateLimit fields, and in the database. */
  name: string;
  /** So many without a wait. After the last of them the first wait begins, and each later one is twice as long. */
  free: number;
  firstWaitSeconds: number;
  longestWaitSeconds: number;
  /** Each attempt is forgotten after this; without it they count until there is none for `forgottenSeconds`, or one succeeds. */
  lastsSeconds?: number;
  /** Nothing is let through after so many, until they are forgotten. */
  most?: number;
  /** After the last attempt. */
  forgottenSeconds: number;
};

/** One limit, and whom it counts: see `createHash`. */
export type Attempt = { limit: Limit; subject: string };

type Db<S extends AttemptSchema> = Kysely<S>;

/** Each attempt adds a few rows at most and prunes more than that, so the table follows the traffic down again. */
const prunedAtOnce = 20;

/**
 * Keyed hashes of who is counted: whoever reads the table can't tell whose attempts they were, not even by trying addresses. `secret` is
 * the same in all copies of a function.
 */
export function createHash(secret: string, purpose: string): (text: string) => string {
  const key = Buffer.from(hkdfSync('sha256', secret, '', `microbank ${purpose}`, 32));
  return (text) => createHmac('sha256', key).update(text).digest('hex');
}

/** For functions without a key of their own: what opens the database. It is not in the database, and a new one only begins to count anew. */
export function secretOf(databaseUrl = ''): string {
  return URL.parse(databaseUrl)?.password ?? '';
}

/**
 * Counts the attempt, before its work is done, so that copies can't all do "one more" at once. Throws `too_many_attempts` (429) when one
 * of its limits does not let it through; then nothing is counted, under none of them. Attempts that share limits name them in one order.
 */
export async function countAttempts<S extends AttemptSchema>(
  db: Db<S>,
  attempts: readonly Attempt[],
  now: Date,
): Promise<void> {
  const limits = attempts.map(({ limit, subject }) => ({
    kind: limit.name,
    subject,
    free: limit.free,
    first_s: limit.firstWaitSeconds,
    longest_s: limit.longestWaitSeconds,
    lasts_s: limit.lastsSeconds,
    most: limit.most,
    forgotten_s: limit.forgottenSeconds,
  }));
  const { rows } = await sql<{ refused_by: string; refused_until: Date }>`
    SELECT refused_by, refused_until FROM count_attempt(${JSON.stringify(limits)}::jsonb, ${now}::timestamptz)
    ORDER BY refused_until DESC LIMIT 1`.execute(db);

  const [refused] = rows;
  const limit = attempts.find((attempt) => attempt.limit.name === refused?.refused_by)?.limit;
  if (!refused || !limit) return await prune(db, now);
  const seconds = (refused.refused_until.getTime() - now.getTime()) / 1000;
  throw tooMany('too_many_attempts', 'this was tried too often; try again later', policyOf(limit), seconds);
}

/** It succeeded: those before it were mistakes of the same person. */
export async function forgive<S extends AttemptSchema>(db: Db<S>, { limit, subject }: Attempt): Promise<void> {
  await sql`DELETE FROM attempt WHERE kind = ${limit.name} AND subject = ${subject}`.execute(db);
}

/** This one does not count after all: nothing was tried, or it is none of what is limited. */
export async function takeBack<S extends AttemptSchema>(db: Db<S>, { limit, subject }: Attempt): Promise<void> {
  // One row per statement: two in one could be locked in either order, and deadlock with count_attempt().
  await sql`
    UPDATE attempt SET count = greatest(0, count - 1), not_before = '-infinity'
    WHERE kind = ${limit.name} AND subject = ${subject}`.execute(db);
}

/** For how long what was used up takes to be there again, as far as two numbers can say that of waits that grow. */
function policyOf({ name, free, lastsSeconds, forgottenSeconds }: Limit): Policy {
  const windowSeconds = lastsSeconds === undefined ? forgottenSeconds : free * lastsSeconds;
  return { name, quota: free, windowSeconds };
}

async function prune<S extends AttemptSchema>(db: Db<S>, now: Date): Promise<void> {
  // Rows that another copy counts or prunes at this moment are left to it.
  await sql`
    DELETE FROM attempt WHERE (kind, subject) IN (
      SELECT kind, subject FROM attempt WHERE forgotten_at <= ${now}::timestamptz
      ORDER BY forgotten_at LIMIT ${prunedAtOnce}::int FOR UPDATE SKIP LOCKED)`.execute(db);
}
