// A browser's session: begun, looked at, renewed, left. Its token and its renewal secret are in cookies only, which no script can read;
// functions/shared/access/authenticate.ts reads the token there.
import type { Kysely } from 'kysely';
import { sessionChange, type Cookie, type SessionChange } from '../shared/handler/answer.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { sessionEnded } from '../shared/contract/errors.ts';
import { retrying } from '../shared/database/pool.ts';
import { endSession } from '../shared/database/sessions.ts';
import type { Call } from '../shared/handler/call.ts';
import { userIdOf } from '../shared/handler/caller.ts';
import type { User } from '../shared/contract/user.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/database/users-schema.ts';
import type { Opened, SessionTimes } from './begin-session.ts';
import type { CurrentSession, WebSession } from './contract.ts';
import { findBySecret, renewSession } from './renew-session.ts';
import { fromCookie, toCookie } from './renewal-secret.ts';
import { expiryOfToken, type TokenSettings } from './tokens.ts';

type Db = Kysely<UsersSchema>;

/** The answer that signs a browser in with a session that has just begun, or been renewed. */
export function giveToBrowser({ user, session, secret, issued }: Opened, now: Date): SessionChange<WebSession> {
  const renewalSeconds = Math.max(1, Math.floor((session.expires_at.getTime() - now.getTime()) / 1_000));
  return sessionChange(show(user, session, issued.expiresAt), [
    { kind: 'session', value: issued.token, maxAgeSeconds: issued.expiresInSeconds },
    { kind: 'renewal', value: toCookie(session.id, secret), maxAgeSeconds: renewalSeconds },
  ]);
}

/**
 * The caller's session, or null. Without a token, which lives shorter than its session, it says whether the renewal cookie would
 * give one. What is over is taken from the browser.
 */
export async function currentSession(
  db: Db,
  settings: TokenSettings,
  asker: Pick<Call, 'caller' | 'token' | 'sessionId' | 'renewalCookie'>,
  now: Date,
): Promise<CurrentSession | SessionChange<CurrentSession>> {
  const nobody = { session: null, is_renewable: false };
  if (asker.token === undefined) {
    const shown = fromCookie(asker.renewalCookie);
    // Nothing is cleared here: pages of other sites can make a browser ask without its cookies, and would sign it out so.
    return {
      ...nobody,
      is_renewable: shown !== undefined && (await findBySecret(db, settings, shown, now)) !== undefined,
    };
  }
  const found = await findSession(db, asker, now);
  if (!found) return sessionChange(nobody, forgotten);
  return { session: show(found.user, found.session, expiryOfToken(asker.token)), is_renewable: false };
}

/** A new token and the next secret. Throws `session_ended` for a browser without the secret, whatever token it has. */
export async function renewInBrowser(
  db: Db,
  settings: TokenSettings,
  isActive: boolean,
  call: Pick<Call, 'renewalCookie' | 'address' | 'userAgent' | 'traceparent'>,
  now: Date,
): Promise<SessionChange<WebSession>> {
  const shown = fromCookie(call.renewalCookie);
  if (!shown) throw sessionEnded();
  return giveToBrowser(await renewSession(db, settings, shown, { kind: 'web', isActive }, call, now), now);
}

/** Ends the session of the token, or of the renewal secret where the token is over; the cookies go in any case. */
export async function signOut(
  db: Db,
  settings: TokenSettings,
  call: Pick<Call, 'caller' | 'sessionId' | 'renewalCookie' | 'traceparent'>,
  now: Date,
): Promise<SessionChange<undefined>> {
  const shown = fromCookie(call.renewalCookie);
  const renewable = shown && (await findBySecret(db, settings, shown, now));
  for (const id of new Set([call.sessionId, renewable?.session_id])) {
    if (id === undefined) continue;
    const by = {
      ...call,
      sessionId: id,
      ...(renewable && { caller: { role: renewable.role, userId: Number(renewable.id) } }),
    };
    await retrying(() =>
      db.transaction().execute(async (trx) => {
        if (!(await endSession(trx, id, 'signed_out'))) return;
        const userId = userIdOf(by.caller) ?? 0;
        await recordAudit<UsersSchema>(
          trx,
          { act: 'session.ended', subject: `users/${userId}`, details: { ended: id, why: 'signed_out' } },
          by,
        );
      }),
    );
  }
  return sessionChange(undefined, forgotten);
}

/** What a browser is told once it is signed out. */
export const forgotten: readonly Cookie[] = [
  { kind: 'session', value: '', maxAgeSeconds: 0 },
  { kind: 'renewal', value: '', maxAgeSeconds: 0 },
];

/** Undefined once it has ended, or its user was removed. */
async function findSession(db: Db, { caller, sessionId = '' }: Pick<Call, 'caller' | 'sessionId'>, now: Date) {
  const row = await db
    .selectFrom('session')
    .innerJoin('bank_user', 'bank_user.id', 'session.user_id')
    .select(userColumns.map((column) => `bank_user.${column}` as const))
    .select(['session.id as session_id', 'created_at', 'expires_at', 'ends_at'])
    .where('session.id', '=', sessionId)
    .where('user_id', '=', BigInt(userIdOf(caller) ?? 0))
    .where('removed_at', 'is', null)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row && { user: toUser(row), session: { ...row, id: row.session_id } };
}

function show(user: User, session: SessionTimes, tokenExpiresAt: Date): WebSession {
  return {
    user,
    session_id: session.id,
    renew_by: tokenExpiresAt.toISOString(),
    expires_at: session.expires_at.toISOString(),
    ends_at: session.ends_at.toISOString(),
  };
}
