// Limits guessing: failed sign-ins are counted per email and per client address, in the database that all copies share.
import { createHmac, hkdfSync } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { Refusal } from '../shared/contract/errors.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';

/** Guesses per window. An office or a mobile network has many people behind one address, so its limit is higher. */
export const failuresMax = { email: 10, address: 100 } as const;
export const windowMinutes = 15;
/** Each attempt adds two rows at most and prunes more than that, so the table follows the traffic down again. */
const prunedAtOnce = 20;

/** Keyed hashes: whoever reads the table can't tell whose attempts they were, not even by trying addresses. */
export type Attempt = { email: string; address: string };

/** `secret` is the same in all copies; the signing key's private half serves, through a derivation of its own. */
export function identifyAttempt(secret: string, email: string, address: string): Attempt {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'microbank sign-in attempts', 32));
  const hash = (text: string): string => createHmac('sha256', key).update(text).digest('hex');
  return { email: hash(`email ${email.toLowerCase()}`), address: hash(`address ${networkOf(address)}`) };
}

/**
 * Counts the attempt as failed before its password is checked, so that copies can't all check "one more" at once.
 * Throws `too_many_attempts` (429 with `Retry-After`) when there were too many in the window; those are not counted on.
 */
export async function countAttempt(db: Kysely<UsersSchema>, attempt: Attempt, now: Date): Promise<void> {
  // The address first: who has used up the address's attempts can't use up those of other people's emails.
  const { rows } = await sql<{ kind: 'email' | 'address'; failures: number; window_started_at: Date }>`
    WITH by_address AS (${upsert('address', attempt.address, now, sql`SELECT 1`)}),
      by_email AS (${upsert('email', attempt.email, now, sql`SELECT 1 FROM by_address WHERE failures <= ${failuresMax.address}::int`)})
    SELECT * FROM by_address UNION ALL SELECT * FROM by_email`.execute(db);
  await prune(db, now);

  const exceeded = rows.find(({ kind, failures }) => failures > failuresMax[kind]);
  if (!exceeded) return;
  const endsAt = exceeded.window_started_at.getTime() + windowMinutes * 60_000;
  const seconds = Math.max(1, Math.ceil((endsAt - now.getTime()) / 1000));
  throw new Refusal('too_many_attempts', 429, 'too many failed attempts to sign in; try again later', {
    headers: { 'Retry-After': String(seconds) },
  });
}

function upsert(kind: 'email' | 'address', subject: string, now: Date, when: RawBuilder<unknown>) {
  const isOver = sql`a.window_started_at <= ${now}::timestamptz - make_interval(mins => ${windowMinutes}::int)`;
  return sql`
    INSERT INTO sign_in_attempt AS a (kind, subject, window_started_at, failures)
    SELECT ${kind}::text, ${subject}::text, ${now}::timestamptz, 1 WHERE EXISTS (${when})
    ON CONFLICT (kind, subject) DO UPDATE SET
      failures = CASE WHEN ${isOver} THEN 1 ELSE least(a.failures, ${failuresMax[kind]}::int) + 1 END,
      window_started_at = CASE WHEN ${isOver} THEN excluded.window_started_at ELSE a.window_started_at END
    RETURNING kind, failures, window_started_at`;
}

/** The password was right: forget the email's failures. The address gets back one only, or an own account would hide guessing. */
export async function forgiveAttempt(db: Kysely<UsersSchema>, attempt: Attempt): Promise<void> {
  await setFailures(db, 'email', attempt.email, sql<number>`0`);
  await setFailures(db, 'address', attempt.address, oneLess);
}

/** The password could not be checked, so nobody has guessed anything. */
export async function cancelAttempt(db: Kysely<UsersSchema>, attempt: Attempt): Promise<void> {
  await setFailures(db, 'email', attempt.email, oneLess);
  await setFailures(db, 'address', attempt.address, oneLess);
}

const oneLess = sql<number>`greatest(failures - 1, 0)`;

// One row per statement: two in one could be locked in either order, and deadlock with countAttempt.
async function setFailures(
  db: Kysely<UsersSchema>,
  kind: 'email' | 'address',
  subject: string,
  failures: RawBuilder<number>,
) {
  await db
    .updateTable('sign_in_attempt')
    .set({ failures })
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .execute();
}

async function prune(db: Kysely<UsersSchema>, now: Date): Promise<void> {
  // Rows that another copy counts or prunes at this moment are left to it.
  await sql`
    DELETE FROM sign_in_attempt WHERE (kind, subject) IN (
      SELECT kind, subject FROM sign_in_attempt
      WHERE window_started_at <= ${now}::timestamptz - make_interval(mins => ${windowMinutes}::int)
      ORDER BY window_started_at LIMIT ${prunedAtOnce}::int FOR UPDATE SKIP LOCKED)`.execute(db);
}

/** An IPv6 customer has a whole /64 to guess from, so that is what counts as one address. */
function networkOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*/, '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const full = [...groups, ...Array<string>(missing).fill('0'), ...(tail ? tail.split(':') : [])];
  return full
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
