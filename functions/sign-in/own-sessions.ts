// One's open sessions: listed, ended one by one or all at once; a teller may do so for others.
import type { Kysely } from 'kysely';
import { notFound } from '../shared/contract/errors.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { retrying } from '../shared/database/pool.ts';
import { endSession, endSessions } from '../shared/database/sessions.ts';
import { requireStanding } from '../shared/database/standing.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';
import { sessionChange, type SessionChange } from '../shared/handler/answer.ts';
import type { Call } from '../shared/handler/call.ts';
import { mayActFor, userIdOf } from '../shared/handler/caller.ts';
import { sessionsMax } from './begin-session.ts';
import type { SignedInSession } from './contract.ts';
import { forgotten } from './web-session.ts';

type Db = Kysely<UsersSchema>;
type Asker = Pick<Call, 'caller' | 'sessionId' | 'traceparent'>;

/** Last seen first. Somebody else's are no customer's: to them there are none. */
export async function listSessions(
  db: Db,
  asked: number | undefined,
  asker: Asker,
  now: Date,
): Promise<SignedInSession[]> {
  const userId = asked ?? userIdOf(asker.caller) ?? 0;
  if (!mayActFor(asker.caller, userId)) return [];
  const rows = await db
    .selectFrom('session')
    .select(['id', 'kind', 'device', 'network', 'created_at', 'last_seen_at', 'expires_at', 'ends_at'])
    .where('user_id', '=', BigInt(userId))
    .where('ended_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .limit(sessionsMax)
    .execute();
  return rows.map(({ id, kind, device, network, ...times }) => ({
    id,
    kind,
    device: device ?? '',
    network: network ?? '',
    created_at: times.created_at.toISOString(),
    last_seen_at: times.last_seen_at.toISOString(),
    expires_at: times.expires_at.toISOString(),
    ends_at: times.ends_at.toISOString(),
    current: id === asker.sessionId,
  }));
}

/** Throws `session_not_found` for what is no open session of the caller; a teller ends anybody's. */
export async function endOne(
  db: Db,
  id: string,
  asker: Asker,
  now: Date,
): Promise<SessionChange<undefined> | undefined> {
  await retrying(() =>
    db.transaction().execute(async (trx) => {
      const found = await trx
        .selectFrom('session')
        .select('user_id')
        .where('id', '=', id)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      if (!found || !mayActFor(asker.caller, found.user_id)) throw notFound('session', id);
      const isOwn = Number(found.user_id) === userIdOf(asker.caller);
      if (!isOwn) await requireStanding(trx, asker, 'teller');
      const why = isOwn ? 'ended_by_owner' : 'ended_by_teller';
      if (!(await endSession(trx, id, why))) throw notFound('session', id);
      await recordAudit<UsersSchema>(
        trx,
        { act: 'session.ended', subject: `users/${found.user_id}`, details: { ended: id, why } },
        asker,
      );
    }),
  );
  return id === asker.sessionId ? sessionChange(undefined, forgotten) : undefined;
}

/** Signs the caller out everywhere, here as well. */
export async function endAll(db: Db, asker: Asker): Promise<SessionChange<undefined>> {
  const userId = userIdOf(asker.caller) ?? 0;
  await retrying(() =>
    db.transaction().execute(async (trx) => {
      // A session that begins at this moment is ended as well, or begins afterwards.
      await trx.selectFrom('bank_user').select('id').where('id', '=', BigInt(userId)).forNoKeyUpdate().execute();
      const ended = await endSessions(trx, userId, 'signed_out_everywhere');
      const details = { ended: ended.length, why: 'signed_out_everywhere' };
      await recordAudit<UsersSchema>(trx, { act: 'session.ended', subject: `users/${userId}`, details }, asker);
    }),
  );
  return sessionChange(undefined, forgotten);
}
