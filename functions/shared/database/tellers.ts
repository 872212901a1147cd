// Who is a teller, while that changes: one change after the other, and never none of them left.
import { sql, type Transaction } from 'kysely';
import { Refusal, Unavailable } from '../contract/errors.ts';
import type { Role } from '../handler/caller.ts';
import type { UsersSchema } from './users-schema.ts';

/** Of an advisory lock: changes of roles take it alone, removals of customers, which change no role, side by side. */
const roleLock = 7_004_001;

/** The user's role, which stays until the commit; undefined when there is no such user. Before any row is locked. */
export async function holdRole(
  trx: Transaction<UsersSchema>,
  id: number,
  why: 'to remove them' | 'to change it',
): Promise<Role | undefined> {
  const isAlone = why === 'to change it' || (await roleOf(trx, id)) === 'teller';
  const lock = isAlone ? sql`pg_advisory_xact_lock(${roleLock})` : sql`pg_advisory_xact_lock_shared(${roleLock})`;
  await sql`SELECT ${lock}`.execute(trx);
  const role = await roleOf(trx, id);
  // Made a teller while this waited: to be asked again, with the other lock.
  if (role === 'teller' && !isAlone) throw new Unavailable('this user', new Error('their role has just changed'));
  return role;
}

/** Somebody has to be able to register tellers. Throws `last_teller` when nobody else could; holdRole comes before. */
export async function keepOneTeller(trx: Transaction<UsersSchema>, leaverId: number): Promise<void> {
  const other = await trx
    .selectFrom('bank_user')
    .select('id')
    .where('role', '=', 'teller')
    .where('removed_at', 'is', null)
    .where('password_hash', 'is not', null)
    .where('id', '!=', BigInt(leaverId))
    .limit(1)
    .executeTakeFirst();
  if (other) return;
  throw new Refusal('last_teller', 409, 'this is the last teller who can sign in; register another one first');
}

async function roleOf(trx: Transaction<UsersSchema>, id: number): Promise<Role | undefined> {
  const row = await trx
    .selectFrom('bank_user')
    .select('role')
    .where('id', '=', BigInt(id))
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row?.role;
}
