// Begins a session: its row, the entry in the audit trail, its first token and renewal secret. What renews it: renew-session.ts.
import { sql, type Kysely, type Transaction } from 'kysely';
import type { User } from '../shared/contract/user.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { retrying } from '../shared/database/pool.ts';
import { endSession } from '../shared/database/sessions.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/database/users-schema.ts';
import type { Call } from '../shared/handler/call.ts';
import { nameDevice } from './device.ts';
import { deriveSecret, digestOfSecret, type RenewalSecret } from './renewal-secret.ts';
import { issueToken, type IssuedToken, type TokenSettings } from './tokens.ts';

/** A working day: after it nothing but the password begins a session, however often this one was renewed. */
export const sessionLifetimeMs = 12 * 3_600_000;
/** A browser that nobody touches for so long is signed out. Programs are nobody's who could leave. */
export const idleMaxMs = 3_600_000;
/** Of one person; the oldest end. */
export const sessionsMax = 100;
/** Each session adds one row and forgets more than that, so the table follows the traffic down again. */
const forgottenAtOnce = 20;
/** How long the row of a session that is over is kept; its id is in the list of ended ones for minutes only. */
const forgottenAfter = sql`interval '1 day'`;

export type SessionKind = 'api' | 'web';
export type SessionTimes = { id: string; created_at: Date; expires_at: Date; ends_at: Date };
export type Opened = { user: User; session: SessionTimes; issued: IssuedToken; secret: RenewalSecret };
/**
 * Who has just shown that they are this user: `passwordHash` is what their password was checked against; with a passkey, what it was when
 * that was looked at, so that none that was removed with the password still signs in.
 */
export type Proven = { userId: number | bigint; passwordHash?: string; means?: 'passkey' | 'password and passkey' };
type By = Pick<Call, 'address' | 'userAgent' | 'traceparent'>;

/**
 * Undefined when the user is gone by now, or has another password than the one that was checked: a sign-in with the old password
 * that overlaps with its change must not outlive it.
 */
export async function beginSession(
  db: Kysely<UsersSchema>,
  settings: TokenSettings,
  proven: Proven,
  kind: SessionKind,
  by: By,
  now: Date,
): Promise<Opened | undefined> {
  const begun = await retrying(() =>
    db.transaction().execute(async (trx) => {
      const found = await lockUser(trx, proven);
      if (!found) return undefined;
      const { session_id: id, ...row } = found;
      const user = toUser(row);
      const ends_at = new Date(now.getTime() + sessionLifetimeMs);
      const session = { id, created_at: now, ends_at, expires_at: expiryOf(kind, ends_at, now) };
      const secret = deriveSecret(settings, id, 0);
      await trx
        .insertInto('session')
        .values({
          ...session,
          user_id: row.id,
          kind,
          device: nameDevice(by.userAgent),
          network: networkText(by.address),
          last_seen_at: now,
          renewed_at: now,
          renewal_number: secret.number,
          renewal_hash: digestOfSecret(secret),
        })
        .execute();
      const signedIn = { ...by, caller: { role: user.role, userId: user.id }, sessionId: id };
      await recordAudit<UsersSchema>(
        trx,
        { act: 'session.started', subject: `users/${user.id}`, details: { kind, means: proven.means ?? 'password' } },
        signedIn,
      );
      await endSurplus(trx, row.id, now);
      await forgetOld(trx);
      return { user, session, secret };
    }),
  );
  return begun && { ...begun, issued: await issueToken(settings, begun.user, begun.session, now) };
}

/** When a session is over unless somebody is active before. */
export function expiryOf(kind: SessionKind, endsAt: Date, now: Date): Date {
  return kind === 'api' ? endsAt : new Date(Math.min(now.getTime() + idleMaxMs, endsAt.getTime()));
}

/** Locked until the session is there: whoever ends all sessions of this user changes or locks the row as well. */
async function lockUser(trx: Transaction<UsersSchema>, { userId, passwordHash }: Proven) {
  return await trx
    .selectFrom('bank_user')
    .select([...userColumns, sql<string>`uuidv7()`.as('session_id')])
    .where('id', '=', BigInt(userId))
    .where('removed_at', 'is', null)
    .$if(passwordHash !== undefined, (query) => query.where('password_hash', '=', passwordHash as string))
    .forShare()
    .executeTakeFirst();
}

/** The address as the session's owner is shown it. */
export function networkText(address: string): string {
  return address.slice(0, 100) || 'unknown';
}

async function endSurplus(trx: Transaction<UsersSchema>, userId: bigint, now: Date): Promise<void> {
  const surplus = await trx
    .selectFrom('session')
    .select('id')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .offset(sessionsMax)
    .limit(sessionsMax)
    .execute();
  for (const { id } of surplus) await endSession(trx, id, 'too_many_sessions');
}

async function forgetOld(trx: Transaction<UsersSchema>): Promise<void> {
  // Rows that another copy forgets at this moment are left to it.
  await sql`
    DELETE FROM session WHERE id IN (
      SELECT id FROM session WHERE ends_at < now() - ${forgottenAfter}
      ORDER BY ends_at LIMIT ${forgottenAtOnce}::int FOR UPDATE SKIP LOCKED)`.execute(trx);
}
