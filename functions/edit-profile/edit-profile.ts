// Changes what the bank knows of somebody, as they say it is.
import { sql, type Selectable, type Transaction } from 'kysely';
import { userChanged } from '../../eventing/events/user-changed.ts';
import type { OutboxEvent } from '../../eventing/outbox/outbox-event.ts';
import { recordEvent } from '../../eventing/outbox/record.ts';
import { secretOf } from '../shared/database/attempts.ts';
import { emailKey } from '../shared/contract/email-key.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import type { User } from '../shared/contract/user.ts';
import { confirmPassword, type Confirmed } from '../shared/credentials/confirm-password.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { retrying } from '../shared/database/pool.ts';
import { requireStanding } from '../shared/database/standing.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/database/users-schema.ts';
import { committed, type Committed } from '../shared/handler/answer.ts';
import type { Call } from '../shared/handler/call.ts';
import { userIdOf } from '../shared/handler/caller.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { Environment } from '../shared/process/environment.ts';
import { contract, type ProfileChange } from './contract.ts';
import { withinTakenLimit } from './taken-limit.ts';

type Fields = Pick<Selectable<UsersSchema['bank_user']>, 'name' | 'email' | 'phone'>;

export const editProfileFunction = defineFunction(contract, (environment) => ({
  routes: { 'POST /users/{id}/profile': (command, call) => editProfile(environment, command, call) },
}));

/**
 * No idempotency key is kept: the same change again changes nothing, and tells nobody. Throws `email_taken` for an address of somebody
 * else, which is as much as registering with it tells, and as seldom.
 */
export async function editProfile(
  { users, handOver, config, now }: Pick<Environment, 'users' | 'handOver' | 'config' | 'now'>,
  { id, password, ...asked }: ProfileChange,
  call: Call,
): Promise<Committed<User>> {
  if (userIdOf(call.caller) !== id) throw notFound('user', id);
  const person = await confirmPassword(users.db, call, { password, pointer: '/password' });
  const commit = () =>
    retrying(() =>
      users.db
        .transaction()
        .execute((trx) => change(trx, person, asked, call))
        .catch(readConflict),
    );
  const isOther = asked.email !== undefined && emailKey(asked.email) !== emailKey(person.email);
  const counted = { secret: secretOf(config.databaseUrls.users), userId: id };
  const result = isOther ? await withinTakenLimit(users.db, counted, now(), commit) : await commit();
  if (result.event) handOver.push('users', result.event);
  return result;
}

async function change(
  trx: Transaction<UsersSchema>,
  { id, password_hash }: Confirmed,
  asked: Omit<ProfileChange, 'id' | 'password'>,
  call: Call,
): Promise<Committed<User>> {
  const user = await trx
    .selectFrom('bank_user')
    .select([...userColumns, 'password_hash'])
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  await requireStanding(trx, call);
  if (user?.password_hash !== password_hash)
    throw new Refusal('wrong_password', 422, 'the password was changed meanwhile');

  const fields = differing(user, asked);
  const changed = Object.keys(fields);
  if (changed.length === 0) return committed(toUser(user), undefined);
  const row = await trx
    .updateTable('bank_user')
    .set({ ...fields, version: sql<bigint>`version + 1` })
    .where('id', '=', id)
    .returning([...userColumns, 'version', sql<Date>`clock_timestamp()`.as('changed_at')])
    .executeTakeFirstOrThrow();
  // Which fields, and not what is in them: the trail outlives the person.
  await recordAudit(trx, { act: 'profile.changed', subject: `users/${id}`, details: { changed } }, call);
  return committed(toUser(row), await tell(trx, row, call));
}

/** An address in other capitals is another one to look at, though it is the same person's. */
function differing(before: Fields, { name, email, phone }: Omit<ProfileChange, 'id' | 'password'>): Partial<Fields> {
  return {
    ...(name !== undefined && name !== before.name && { name }),
    ...(email !== undefined && email !== before.email && { email }),
    ...(phone !== undefined && phone !== before.phone && { phone }),
  };
}

async function tell(
  trx: Transaction<UsersSchema>,
  row: Parameters<typeof toUser>[0] & { version: bigint; changed_at: Date },
  { traceparent }: Call,
): Promise<OutboxEvent> {
  const { id, name, email, phone } = toUser(row);
  const subject = `users/${id}`;
  return await recordEvent(trx, userChanged, {
    source: `/microbank/${contract.name}`,
    subject,
    time: row.changed_at,
    data: { user_id: id, name, email, phone, changed_at: row.changed_at.toISOString() },
    partitionkey: subject,
    sequence: row.version,
    traceparent,
  });
}

/** The unique index decides, so of two who want an address at once exactly one gets it. */
function readConflict(error: unknown): never {
  if ((error as { constraint?: unknown }).constraint !== 'email_is_taken_once') throw error;
  const detail = 'this email address belongs to another user';
  throw new Refusal('email_taken', 409, detail, { errors: [{ pointer: '/email', detail }], cause: error });
}
