// Removes a user without open accounts. Next in the story: functions/read-accounts, which is asked for them.
import { sql, type Kysely, type Transaction } from 'kysely';
import { userRemoved } from '../../eventing/events/user-removed.ts';
import { recordEvent } from '../../eventing/outbox/record.ts';
import { mayActFor } from '../shared/access.ts';
import type { Committed } from '../shared/answer.ts';
import { commitOnce, eraseAnswers, findCommitted, type Done } from '../shared/commit-once.ts';
import { retrying } from '../shared/database.ts';
import type { Environment } from '../shared/environment.ts';
import { notFound, Refusal, Unavailable } from '../shared/errors.ts';
import { defineFunction, type Call } from '../shared/function.ts';
import type { UsersSchema } from '../shared/users-schema.ts';
import { contract } from './contract.ts';

/** How long a removal may take to ask the ledger. After that the user is back, as if nothing had been asked. */
const leaveSeconds = 60;
/** Only a removal that commits well within its time counts: readers compare the same clock. */
const leaveMarginSeconds = 15;

export const removeUserFunction = defineFunction(contract, (environment) => ({
  routes: {
    'DELETE /users/{id}': ({ id }, call) => removeUser(environment, id, call),
  },
}));

/**
 * Removes the user, erases their personal data and tells it as `user.removed`.
 *
 * A new account could be opened while the ledger is asked for open ones. So the user is first marked as leaving, which makes
 * read-users answer 404; open-account looks again after its own commit, and closes the account when its owner is gone. Whichever
 * of the two comes second sees the other.
 */
export async function removeUser(
  { users, handOver, ask }: Pick<Environment, 'users' | 'handOver' | 'ask'>,
  id: number,
  call: Pick<Call, 'caller' | 'idempotency' | 'traceparent' | 'token'>,
): Promise<Committed<undefined>> {
  if (!mayActFor(call.caller, id)) throw notFound('user', id);
  // Asked first, because a repeated removal finds no user to mark.
  const before = await findCommitted<UsersSchema, undefined>(users.db, call.idempotency);
  if (before) return before;

  const leavingUntil = await retrying(() => timeToLeave(users.db));
  await retrying(() => markLeaving(users.db, id, leavingUntil));
  try {
    const hasOpenAccount = await findOpenAccount(ask, id, call.token);
    const result = await commitOnce(users.db, call.idempotency, async (trx) => {
      if (hasOpenAccount)
        throw new Refusal('user_has_open_accounts', 409, `user ${id} has open accounts; close them first`);
      return await erase(trx, id, leavingUntil, call.traceparent);
    });
    if (result.event && !result.replayed) handOver.push('users', result.event);
    return result;
  } catch (error) {
    // Not removed: bring the user back now rather than when the mark ends by itself.
    await retrying(() => unmarkLeaving(users.db, id, leavingUntil));
    throw error;
  }
}

/** By the database's clock, which readers ask as well; in whole milliseconds, which is what a Date holds. */
async function timeToLeave(db: Kysely<UsersSchema>): Promise<Date> {
  const { rows } = await sql<{ time: Date }>`
    SELECT date_trunc('milliseconds', clock_timestamp()) + make_interval(secs => ${leaveSeconds}::int) AS time`.execute(
    db,
  );
  if (!rows[0]) throw new Error('the database did not tell the time');
  return rows[0].time;
}

async function markLeaving(db: Kysely<UsersSchema>, id: number, leavingUntil: Date): Promise<void> {
  const marked = await db
    .updateTable('bank_user')
    .set({ leaving_until: leavingUntil })
    .where('id', '=', BigInt(id))
    .where('removed_at', 'is', null)
    .where((e) =>
      e.or([
        e('leaving_until', 'is', null),
        e('leaving_until', '<=', sql<Date>`clock_timestamp()`),
        // Our own: this may be a second try after the connection was lost.
        e('leaving_until', '=', leavingUntil),
      ]),
    )
    .returning('id')
    .executeTakeFirst();
  if (marked) return;

  const present = await db
    .selectFrom('bank_user')
    .select('id')
    .where('id', '=', BigInt(id))
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (!present) throw notFound('user', id);
  throw new Refusal(
    'removal_in_progress',
    409,
    `user ${id} is being removed by another request; ask again in a moment`,
    {
      headers: { 'Retry-After': '1' },
    },
  );
}

async function unmarkLeaving(db: Kysely<UsersSchema>, id: number, leavingUntil: Date): Promise<void> {
  await db
    .updateTable('bank_user')
    .set({ leaving_until: null })
    .where('id', '=', BigInt(id))
    .where('leaving_until', '=', leavingUntil)
    .execute();
}

/** Throws Unavailable when the ledger could not say. */
async function findOpenAccount(ask: Environment['ask'], id: number, token: string | undefined): Promise<boolean> {
  const response = await ask('read-accounts', `/accounts?user_id=${id}&limit=1&status=open`, token);
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Unavailable('the list of accounts', new Error(`read-accounts answered ${response.status}`));
  }
  const accounts: unknown = await response.json();
  if (!Array.isArray(accounts))
    throw new Unavailable('the list of accounts', new Error('read-accounts answered no list'));
  return accounts.length > 0;
}

async function erase(
  trx: Transaction<UsersSchema>,
  id: number,
  leavingUntil: Date,
  traceparent: string,
): Promise<Done<undefined>> {
  await keepOneTeller(trx, id);
  const removed = await trx
    .updateTable('bank_user')
    .set({
      name: null,
      email: null,
      phone: null,
      password_hash: null,
      leaving_until: null,
      removed_at: sql<Date>`clock_timestamp()`,
      version: sql<bigint>`version + 1`,
    })
    .where('id', '=', BigInt(id))
    .where('leaving_until', '=', leavingUntil)
    .where('leaving_until', '>', sql<Date>`clock_timestamp() + make_interval(secs => ${leaveMarginSeconds}::int)`)
    .returning(['removed_at', 'version'])
    .executeTakeFirst();
  if (!removed?.removed_at) throw new Unavailable('the removal', new Error('asking the ledger took too long'));

  const subject = `users/${id}`;
  await eraseAnswers(trx, subject);
  const event = await recordEvent(trx, userRemoved, {
    source: `/microbank/${contract.name}`,
    subject,
    time: removed.removed_at,
    data: { user_id: id, removed_at: removed.removed_at.toISOString() },
    partitionkey: subject,
    sequence: removed.version,
    traceparent,
  });
  return { answer: undefined, event };
}

/** Somebody has to be able to register tellers. Locks all tellers, so that the last two can't remove each other at once. */
async function keepOneTeller(trx: Transaction<UsersSchema>, id: number): Promise<void> {
  const tellers = await trx
    .selectFrom('bank_user')
    .select(['id', 'password_hash'])
    .where('role', '=', 'teller')
    .where('removed_at', 'is', null)
    .orderBy('id') // One lock order, so that two removals can't deadlock.
    .forUpdate()
    .execute();
  const isTeller = tellers.some((teller) => Number(teller.id) === id);
  const others = tellers.filter((teller) => Number(teller.id) !== id && teller.password_hash !== null);
  if (isTeller && others.length === 0) {
    throw new Refusal('last_teller', 409, 'this is the last teller who can sign in; register another one first');
  }
}
