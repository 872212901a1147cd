// A browser's session: begun, looked at, renewed, ended. Its token is in the cookie only; functions/shared/access/authenticate.ts reads it there.
import type { Kysely } from 'kysely';
import { userIdOf } from '../shared/handler/caller.ts';
import { sessionChange, type SessionChange } from '../shared/handler/answer.ts';
import { retrying } from '../shared/database/pool.ts';
import { Refusal } from '../shared/contract/errors.ts';
import type { Call } from '../shared/handler/call.ts';
import type { User } from '../shared/contract/user.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/database/users-schema.ts';
import type { CurrentSession, WebSession } from './contract.ts';
import { issueToken, readTimes, type TokenSettings, type TokenTimes } from './tokens.ts';

type Db = Kysely<UsersSchema>;
type Asker = Pick<Call, 'caller' | 'token'>;

/** Signs the browser in as this user, who has just shown a password or, with `signedInAt`, did so then. */
export async function beginSession(
  settings: TokenSettings,
  user: User,
  now: Date,
  signedInAt?: number,
): Promise<SessionChange<WebSession>> {
  const { token, expiresInSeconds, times } = await issueToken(settings, user, now, signedInAt);
  return sessionChange(show(user, times), { token, expiresInSeconds });
}

/** The caller's session, or null; a session that came to its end, or whose user is gone, is taken from the browser. */
export async function currentSession(
  db: Db,
  asker: Asker,
  now: Date,
): Promise<CurrentSession | SessionChange<CurrentSession>> {
  // Nothing is cleared here: pages of other sites can make a browser ask without its cookie, and would sign it out so.
  if (asker.token === undefined) return { session: null };

  const session = await findSession(db, asker, now);
  return session ? { session: show(session.user, session.times) } : sessionChange({ session: null }, undefined);
}

/** A new token for the same sign-in. Throws `session_ended` when it is too long ago, or its user is gone. */
export async function renewSession(
  db: Db,
  settings: TokenSettings,
  asker: Asker,
  now: Date,
): Promise<SessionChange<WebSession>> {
  const session = await retrying(() => findSession(db, asker, now));
  if (!session) {
    throw new Refusal('session_ended', 401, 'the session has ended; sign in again', {
      headers: { 'www-authenticate': 'Bearer realm="microbank"' },
    });
  }
  return beginSession(settings, session.user, now, session.times.signedInAt);
}

export function endSession(): SessionChange<undefined> {
  return sessionChange(undefined, undefined);
}

/** Undefined once it has ended, or its user was removed: tokens are checked without asking the database, sessions are not. */
async function findSession(db: Db, { caller, token = '' }: Asker, now: Date) {
  const times = readTimes(token);
  if (now.getTime() >= times.endsAt * 1000) return undefined;
  const row = await db
    .selectFrom('bank_user')
    .select(userColumns)
    .where('id', '=', BigInt(userIdOf(caller) ?? 0))
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row && { user: toUser(row), times };
}

function show(user: User, { expiresAt, endsAt }: TokenTimes): WebSession {
  return { user, expires_at: toTimestamp(expiresAt), ends_at: toTimestamp(endsAt) };
}

function toTimestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
