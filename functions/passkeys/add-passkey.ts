// Makes a passkey somebody's: first what their browser needs for it, then what came of that.
import { randomBytes } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import type { CreationOptions, Passkey } from '../shared/contract/passkey.ts';
import { confirmPassword } from '../shared/credentials/confirm-password.ts';
import { passkeyDescriptors, passkeyColumns, toPasskey } from '../shared/credentials/passkey-rows.ts';
import { passkeyRefused } from '../shared/credentials/passkey-sites.ts';
import { passkeyAlgorithms, verifyMaking, type Made } from '../shared/credentials/verify-passkey.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { keepDone, wasDone } from '../shared/database/done-once.ts';
import { retrying } from '../shared/database/pool.ts';
import { requireStanding } from '../shared/database/standing.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';
import { committed, type Committed } from '../shared/handler/answer.ts';
import type { Call } from '../shared/handler/call.ts';
import { userIdOf } from '../shared/handler/caller.ts';
import { passkeysMax, type NewPasskey } from './contract.ts';

type Db = Kysely<UsersSchema>;

/** As long as somebody needs to find their key, and no longer. */
const challengeMs = 5 * 60_000;

/**
 * Written out here, since making options needs nothing of the library, which takes long to load. `rp.id` is left to the browser: the
 * host of the page that asks, which passkey-sites.ts looks at when the answer comes.
 */
export async function prepareMaking(db: Db, password: string, call: Call, now: Date): Promise<CreationOptions> {
  const person = await confirmPassword(db, call, { password, pointer: '/password' });
  const known = await retrying(() =>
    db
      .selectFrom('passkey')
      .select(['credential_id', 'transports', 'user_handle'])
      .where('user_id', '=', person.id)
      .execute(),
  );
  if (known.length >= passkeysMax) throw tooMany();

  const asked = {
    challenge: randomBytes(32).toString('base64url'),
    // One for all of a person's passkeys: an authenticator keeps one for each, and would show the person twice.
    user_handle: known[0]?.user_handle ?? randomBytes(32),
    expires_at: new Date(now.getTime() + challengeMs),
  };
  await retrying(() =>
    db
      .insertInto('passkey_challenge')
      .values({ session_id: call.sessionId ?? '', ...asked })
      .onConflict((conflict) => conflict.column('session_id').doUpdateSet(asked))
      .execute(),
  );
  return {
    challenge: asked.challenge,
    rp: { name: 'microbank' },
    user: { id: asked.user_handle.toString('base64url'), name: person.email, displayName: person.name },
    pubKeyCredParams: passkeyAlgorithms.map((alg) => ({ type: 'public-key', alg })),
    timeout: challengeMs,
    excludeCredentials: passkeyDescriptors(known),
    // Kept by the authenticator, and opened by a finger or a PIN: so that it signs in by itself, without a name or a password.
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    attestation: 'none',
  };
}

/** The challenge is taken before anything is looked at, so it is good for one answer, right or wrong, and for copies of a right one. */
export async function addPasskey(
  db: Db,
  { name, response }: NewPasskey,
  call: Call,
  { origins, now }: { origins: readonly string[]; now: Date },
): Promise<Committed<Passkey>> {
  const findMade = () => retrying(() => findDone(db, response.id, call));
  const before = await findMade();
  if (before) return before;

  const asked = await retrying(() =>
    db
      .deleteFrom('passkey_challenge')
      .where('session_id', '=', call.sessionId ?? null)
      .returning(['challenge', 'user_handle', 'expires_at'])
      .executeTakeFirst(),
  );
  if (!asked || asked.expires_at <= now) {
    // A copy that came first was done meanwhile.
    const meanwhile = await findMade();
    if (meanwhile) return meanwhile;
    throw passkeyRefused('this took too long, or was tried before; begin again');
  }
  const made = await verifyMaking(response, { challenge: asked.challenge, origins });
  const passkey = { ...made, name, user_handle: asked.user_handle };
  return await retrying(() => db.transaction().execute((trx) => keep(trx, passkey, response.id, call)));
}

/** What was made by this very request, unless it was removed since; undefined when it has not been done. */
async function findDone(db: Db, credentialId: string, call: Call): Promise<Committed<Passkey> | undefined> {
  if (!(await wasDone(db, call.idempotency))) return undefined;
  const row = await db
    .selectFrom('passkey')
    .select(passkeyColumns)
    .where('credential_id', '=', Buffer.from(credentialId, 'base64url'))
    .where('user_id', '=', BigInt(userIdOf(call.caller) ?? 0))
    .executeTakeFirst();
  if (!row) throw notFound('passkey', credentialId);
  return committed(toPasskey(row), undefined, true);
}

type NewRow = Made & { name: string; user_handle: Buffer };

async function keep(
  trx: Transaction<UsersSchema>,
  passkey: NewRow,
  credentialId: string,
  call: Call,
): Promise<Committed<Passkey>> {
  const userId = BigInt(userIdOf(call.caller) ?? 0);
  // Locked, so that many at once are no more than there may be.
  await trx.selectFrom('bank_user').select('id').where('id', '=', userId).forUpdate().execute();
  // Committed by a try whose answer was lost.
  const before = await findDone(trx, credentialId, call);
  if (before) return before;

  await requireStanding(trx, call);
  const row = await insert(trx, { ...passkey, user_id: userId });
  const details = { passkey_id: row.id, site: row.site };
  await recordAudit(trx, { act: 'passkey.added', subject: `users/${userId}`, details }, call);
  await keepDone(trx, call.idempotency);
  return committed(toPasskey(row), undefined);
}

async function insert(trx: Transaction<UsersSchema>, passkey: NewRow & { user_id: bigint }) {
  const before = await trx
    .selectFrom('passkey')
    .select([(e) => e.fn.countAll<bigint>().as('there')])
    .where('user_id', '=', passkey.user_id)
    .executeTakeFirstOrThrow();
  if (Number(before.there) >= passkeysMax) throw tooMany();

  const row = await trx
    .insertInto('passkey')
    .values(passkey)
    .onConflict((conflict) => conflict.column('credential_id').doNothing())
    .returning(passkeyColumns)
    .executeTakeFirst();
  if (!row) throw new Refusal('passkey_taken', 409, 'this passkey is registered already');
  return row;
}

function tooMany(): Refusal {
  return new Refusal('too_many_passkeys', 409, `nobody has more than ${passkeysMax} passkeys; remove one first`);
}
