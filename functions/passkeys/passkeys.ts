// The passkeys of each user: listed, made, removed. functions/sign-in/passkey-sign-in.ts takes them for signing in.
import type { Kysely } from 'kysely';
import { notFound } from '../shared/contract/errors.ts';
import type { Passkey } from '../shared/contract/passkey.ts';
import { passkeyColumns, toPasskey } from '../shared/credentials/passkey-rows.ts';
import { requireOrigins } from '../shared/credentials/passkey-sites.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { retrying } from '../shared/database/pool.ts';
import { requireStanding } from '../shared/database/standing.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';
import type { Call } from '../shared/handler/call.ts';
import { mayActFor, userIdOf } from '../shared/handler/caller.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { addPasskey, prepareMaking } from './add-passkey.ts';
import { contract, type PasskeysQuery } from './contract.ts';

type Db = Kysely<UsersSchema>;

export const passkeysFunction = defineFunction(contract, ({ config, users, now }) => {
  // Looked at here, so that a missing setting shows when the function starts.
  const origins = requireOrigins(config.passkeyOrigins);
  return {
    routes: {
      'GET /passkeys': (query, call) => listPasskeys(users.db, query, call),
      'POST /passkeys/options': ({ password }, call) => prepareMaking(users.db, password, call, now()),
      'POST /passkeys': (command, call) => addPasskey(users.db, command, call, { origins, now: now() }),
      'DELETE /passkeys/{id}': ({ id }, call) => removePasskey(users.db, id, call),
    },
  };
});

async function listPasskeys(db: Db, { user_id }: PasskeysQuery, { caller }: Call): Promise<Passkey[]> {
  const userId = user_id ?? userIdOf(caller) ?? 0;
  if (!mayActFor(caller, userId)) throw notFound('user', userId);
  const rows = await db
    .selectFrom('passkey')
    .select(passkeyColumns)
    .where('user_id', '=', BigInt(userId))
    .orderBy('id', 'desc') // UUIDv7: as they were made.
    .execute();
  return rows.map(toPasskey);
}

/**
 * An own one, or by a teller that of anybody, for who has lost theirs. A teller who has none left signs in by password alone: their session
 * is enough to get there, but not without the password afterwards.
 */
async function removePasskey(db: Db, id: string, call: Call): Promise<void> {
  const { caller } = call;
  const found = await retrying(() =>
    db.selectFrom('passkey').select('user_id').where('id', '=', id).executeTakeFirst(),
  );
  if (!found || !mayActFor(caller, found.user_id)) throw notFound('passkey', id);

  const isOwn = userIdOf(caller) === Number(found.user_id);
  await retrying(() =>
    db.transaction().execute(async (trx) => {
      await requireStanding(trx, call, isOwn ? undefined : 'teller');
      const removed = await trx.deleteFrom('passkey').where('id', '=', id).returning('id').executeTakeFirst();
      if (!removed) throw notFound('passkey', id);
      const subject = `users/${found.user_id}`;
      await recordAudit(trx, { act: 'passkey.removed', subject, details: { passkey_id: id } }, call);
    }),
  );
}
