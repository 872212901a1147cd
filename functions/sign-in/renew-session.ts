// Renews a session: a new token for whoever has its renewal secret, and the next secret. Nothing else renews, a token least of all.
import type { Kysely, Transaction } from 'kysely';
import { recordAudit } from '../shared/database/audit.ts';
import { sessionEnded } from '../shared/contract/errors.ts';
import { retrying } from '../shared/database/pool.ts';
import { endSession } from '../shared/database/sessions.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/database/users-schema.ts';
import type { Call } from '../shared/handler/call.ts';
import { expiryOf, networkText, type Opened, type SessionKind } from './begin-session.ts';
import { nameDevice } from './device.ts';
import { deriveSecret, digestOfSecret, isSameSecret, type ShownSecret } from './renewal-secret.ts';
import { issueToken, type TokenSettings } from './tokens.ts';

/** An answer may be lost, and two tabs may renew at once: for so long the last secret gets what it got before. */
export const repeatedWithinMs = 30_000;

export type RenewalWish = {
  kind: SessionKind;
  /** False when a page renews by itself and nobody is there: the session then lasts no longer than it would have. */
  isActive: boolean;
};
type By = Pick<Call, 'address' | 'userAgent' | 'traceparent'>;

/**
 * Throws `session_ended` for every secret that renews nothing. One whose successor was used before, or was given out some time ago,
 * is with somebody else as well: its session ends, whoever of them is the thief.
 */
export async function renewSession(
  db: Kysely<UsersSchema>,
  settings: TokenSettings,
  shown: ShownSecret,
  wish: RenewalWish,
  by: By,
  now: Date,
): Promise<Opened> {
  const renewed = await retrying(() =>
    db.transaction().execute(async (trx) => {
      // The session's row alone: who ends it comes before this renewal, or after it and ends it then.
      const row = await selectSession(trx, shown.sessionId).forUpdate('session').executeTakeFirst();
      if (!row || row.kind !== wish.kind || !isOpen(row, now) || !isGenuine(settings, row, shown)) return undefined;
      if (shown.number === row.renewal_number) return await rotate(trx, settings, row, wish, by, now);

      const isRepeated =
        shown.number === row.renewal_number - 1 && now.getTime() - row.renewed_at.getTime() < repeatedWithinMs;
      if (isRepeated) return { row, secret: deriveSecret(settings, row.session_id, row.renewal_number) };
      await endStolen(trx, row, by);
      // Returned and not thrown: the session's end has to be committed.
      return undefined;
    }),
  );
  if (!renewed) throw sessionEnded();
  const { row, secret } = renewed;
  const [user, session] = [toUser(row), { ...row, id: row.session_id }];
  return { user, session, secret, issued: await issueToken(settings, user, session, now) };
}

/** The open session that this secret renews; looking at it changes nothing. */
export async function findBySecret(db: Kysely<UsersSchema>, settings: TokenSettings, shown: ShownSecret, now: Date) {
  const row = await selectSession(db, shown.sessionId).executeTakeFirst();
  return row && isOpen(row, now) && isGenuine(settings, row, shown) ? row : undefined;
}

function selectSession(db: Kysely<UsersSchema>, sessionId: string) {
  return db
    .selectFrom('session')
    .innerJoin('bank_user', 'bank_user.id', 'session.user_id')
    .select(userColumns.map((column) => `bank_user.${column}` as const))
    .select(['session.id as session_id', 'kind', 'created_at', 'expires_at', 'ends_at', 'ended_at'])
    .select(['renewal_number', 'renewal_hash', 'renewed_at'])
    .where('session.id', '=', sessionId)
    .where('removed_at', 'is', null);
}

type Row = NonNullable<Awaited<ReturnType<ReturnType<typeof selectSession>['executeTakeFirst']>>>;

function isOpen({ ended_at, expires_at }: Row, now: Date): boolean {
  return ended_at === null && now < expires_at;
}

/** Whether we gave this secret out, lately or before. A made-up one ends nobody's session. */
function isGenuine(settings: TokenSettings, row: Row, shown: ShownSecret): boolean {
  if (shown.number > row.renewal_number) return false;
  // By what is stored, so that the present secret outlives a change of the key that it was derived from.
  if (shown.number === row.renewal_number) return row.renewal_hash.equals(digestOfSecret(shown));
  return isSameSecret(shown, deriveSecret(settings, row.session_id, shown.number));
}

async function rotate(
  trx: Transaction<UsersSchema>,
  settings: TokenSettings,
  row: Row,
  { kind, isActive }: RenewalWish,
  by: By,
  now: Date,
) {
  const secret = deriveSecret(settings, row.session_id, row.renewal_number + 1);
  const expires_at = isActive ? expiryOf(kind, row.ends_at, now) : row.expires_at;
  await trx
    .updateTable('session')
    .set({
      renewal_number: secret.number,
      renewal_hash: digestOfSecret(secret),
      renewed_at: now,
      last_seen_at: now,
      expires_at,
      device: nameDevice(by.userAgent),
      network: networkText(by.address),
    })
    .where('id', '=', row.session_id)
    .execute();
  return { row: { ...row, expires_at }, secret };
}

async function endStolen(trx: Transaction<UsersSchema>, row: Row, by: By): Promise<void> {
  await endSession(trx, row.session_id, 'renewal_secret_reused');
  const subject = `users/${row.id}`;
  const details = { ended: row.session_id };
  await recordAudit<UsersSchema>(
    trx,
    { act: 'session.stolen', subject, details },
    { ...by, caller: { role: 'anonymous' }, sessionId: row.session_id },
  );
}
