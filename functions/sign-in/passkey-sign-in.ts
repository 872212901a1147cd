// Signs in with a passkey: by itself, since it is something one has that is opened by what one knows or is, or as a teller's second factor.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { Refusal } from '../shared/contract/errors.ts';
import type { AuthenticationResponse, RequestOptions } from '../shared/contract/passkey.ts';
import { passkeyDescriptors } from '../shared/credentials/passkey-rows.ts';
import { challengeIn, passkeyRefused } from '../shared/credentials/passkey-sites.ts';
import { verifyUse } from '../shared/credentials/verify-passkey.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { retrying } from '../shared/database/pool.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';
import type { Call } from '../shared/handler/call.ts';
import type { Proven, SessionKind } from './begin-session.ts';
import { challengeMs, makeChallenge, openChallenge, type OpenedChallenge } from './passkey-challenge.ts';

type Db = Kysely<UsersSchema>;

/** Each challenge adds one row and forgets more than that, so the table follows the traffic down again. */
const forgottenAtOnce = 20;

/** `secret` is the same in all copies. */
export type PasskeySettings = { secret: string; origins: readonly string[] };

/** For whoever asks, and alike for all: which passkeys there are for an address would tell who banks here. The browser knows its own. */
export function anyPasskey({ secret }: PasskeySettings, now: Date): RequestOptions {
  return {
    challenge: makeChallenge(secret, undefined, now),
    timeout: challengeMs,
    allowCredentials: [],
    userVerification: 'required',
  };
}

/**
 * Throws `passkey_required` for a teller who has a passkey and has shown their password alone: stolen, it opens nothing. What a browser
 * needs to go on comes with it; its challenge stands for the password that was shown. A program has no passkey, so it is told no more.
 */
export async function requirePasskey(
  db: Db,
  { secret }: PasskeySettings,
  { userId, passwordHash = '' }: Proven,
  kind: SessionKind,
  now: Date,
): Promise<void> {
  const known = await retrying(() =>
    db
      .selectFrom('passkey')
      .innerJoin('bank_user', 'bank_user.id', 'passkey.user_id')
      .select(['credential_id', 'transports'])
      .where('user_id', '=', BigInt(userId))
      .where('role', '=', 'teller')
      .execute(),
  );
  if (known.length === 0) return;
  const options: RequestOptions = {
    challenge: makeChallenge(secret, { userId, passwordHash }, now),
    timeout: challengeMs,
    allowCredentials: passkeyDescriptors(known),
    // The password was one factor already; asked for both, a browser would refuse a key whose PIN is forgotten.
    userVerification: 'discouraged',
  };
  throw new Refusal('passkey_required', 401, 'the password is right; a passkey of yours is needed as well', {
    headers: { 'www-authenticate': 'Bearer realm="microbank"' },
    members: kind === 'web' ? { passkey_options: options } : {},
  });
}

/**
 * Who has signed the challenge, once: whoever heard the answer on its way can't send it again. Throws `passkey_refused` for everything that
 * can be wrong with it.
 */
export async function provePasskey(
  db: Db,
  { secret, origins }: PasskeySettings,
  response: AuthenticationResponse,
  by: Pick<Call, 'traceparent'>,
  now: Date,
): Promise<Proven> {
  const refuse = (cause?: unknown) => passkeyRefused('this passkey does not sign in here', 401, cause);
  try {
    const challenge = challengeIn(response.response.clientDataJSON);
    const opened = openChallenge(secret, challenge, now);
    const known = opened && (await retrying(() => findPasskey(db, response.id)));
    if (!opened || !known?.password_hash || !isMeant(opened, response, known)) throw refuse();

    const asked = { challenge, origins, requireUserVerification: opened.userId === undefined };
    const used = await verifyUse(response, known, asked).catch(async (error: unknown) => {
      if (error instanceof Refusal) await tellRefused(db, known, by);
      throw error;
    });
    if (!(await retrying(() => takeUse(db, known, opened, used, now)))) throw refuse();
    await retrying(() => forgetAnswered(db, now));
    const means = opened.userId === undefined ? 'passkey' : 'password and passkey';
    return { userId: known.user_id, passwordHash: known.password_hash, means };
  } catch (error) {
    // Whichever part of it was wrong: nobody has signed in.
    throw error instanceof Refusal && error.status !== 401 ? refuse(error) : error;
  }
}

type Known = NonNullable<Awaited<ReturnType<typeof findPasskey>>>;

async function findPasskey(db: Db, credentialId: string) {
  return await db
    .selectFrom('passkey')
    .innerJoin('bank_user', 'bank_user.id', 'passkey.user_id')
    .select([
      'passkey.id',
      'user_id',
      'credential_id',
      'user_handle',
      'site',
      'public_key',
      'sign_count',
      'password_hash',
    ])
    .where('credential_id', '=', Buffer.from(credentialId, 'base64url'))
    .where('removed_at', 'is', null)
    .executeTakeFirst();
}

/** The challenge was ours, for this person or for anybody, and the authenticator names the person of its key. */
function isMeant(opened: OpenedChallenge, { response }: AuthenticationResponse, known: Known): boolean {
  const isAlone = opened.userId === undefined;
  const purpose = isAlone ? undefined : { userId: known.user_id, passwordHash: known.password_hash ?? '' };
  // A key that is not asked for by its id always says whose it is (WebAuthn, 7.2, step 6).
  const named = response.userHandle ?? (isAlone ? '' : undefined);
  return opened.isFor(purpose) && (named === undefined || named === known.user_handle.toString('base64url'));
}

/** False when the challenge was answered before, or the authenticator has counted on meanwhile. */
async function takeUse(
  db: Db,
  { id, sign_count: before }: Known,
  { digest, expiresAt }: OpenedChallenge,
  { sign_count, synced }: { sign_count: number; synced: boolean },
  now: Date,
): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    const first = await trx
      .insertInto('answered_challenge')
      .values({ digest, expires_at: expiresAt })
      .onConflict((conflict) => conflict.doNothing())
      .returning('expires_at')
      .executeTakeFirst();
    const used = await trx
      .updateTable('passkey')
      .set({ sign_count, synced, last_used_at: now })
      .where('id', '=', id)
      .where('sign_count', '=', before)
      .returning('id')
      .executeTakeFirst();
    return first !== undefined && used !== undefined;
  });
}

async function forgetAnswered(db: Db, now: Date): Promise<void> {
  // In one order, so that two who forget the same ones don't wait for each other in a circle.
  await sql`
    DELETE FROM answered_challenge WHERE digest IN (
      SELECT digest FROM answered_challenge WHERE expires_at < ${now}::timestamptz
      ORDER BY expires_at, digest LIMIT ${forgottenAtOnce}::int)`.execute(db);
}

async function tellRefused(db: Db, { id, user_id }: Known, { traceparent }: Pick<Call, 'traceparent'>): Promise<void> {
  const by = { caller: { role: 'anonymous' as const }, sessionId: undefined, traceparent };
  const details = { passkey_id: id };
  await retrying(() => recordAudit(db, { act: 'session.refused', subject: `users/${user_id}`, details }, by));
}
