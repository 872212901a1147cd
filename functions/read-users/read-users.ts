// Shows users; those who were removed are gone for everyone.
import { sql, type Kysely } from 'kysely';
import { mayActFor } from '../shared/access.ts';
import { page, type Page } from '../shared/answer.ts';
import { idAfter } from '../shared/cursor.ts';
import { notFound } from '../shared/errors.ts';
import { defineFunction, type Call, type Caller } from '../shared/function.ts';
import type { User } from '../shared/users-contract.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/users-schema.ts';
import { contract, type UsersQuery } from './contract.ts';

export const readUsersFunction = defineFunction(contract, ({ users }) => ({
  routes: {
    'GET /users': (query, call) => listUsers(users.db, query, call),
    'GET /users/{id}': ({ id }, call) => readUser(users.db, id, call.caller),
  },
}));

/** Newest first, which is by falling id. Filters narrow down what the caller may see; they never reach beyond it. */
export async function listUsers(
  db: Kysely<UsersSchema>,
  { limit, skip, email, q }: UsersQuery,
  { caller, after }: Pick<Call, 'caller' | 'after'>,
): Promise<Page<User>> {
  let query = presentUsers(db)
    .orderBy('id', 'desc')
    .limit(limit + 1) // One more than asked for tells whether there is a next page.
    .offset(skip);
  if (caller.role !== 'teller') query = query.where('id', '=', BigInt(caller.role === 'customer' ? caller.userId : 0));
  const before = idAfter(after);
  if (before !== undefined) query = query.where('id', '<', BigInt(before));
  if (email !== undefined) query = query.where('email_key', '=', (e) => e.fn<string>('lower', [e.val(email)]));
  if (q !== undefined) query = query.where((e) => e.or([contains('name', q), contains('email', q)]));

  const found = (await query.execute()).map(toUser);
  const items = found.slice(0, limit);
  return page(items, found.length > limit ? { id: items.at(-1)?.id } : undefined);
}

/** Throws `user_not_found` for unknown and removed users, and to customers for everyone but themselves. */
export async function readUser(db: Kysely<UsersSchema>, id: number, caller: Caller): Promise<User> {
  const row = mayActFor(caller, id)
    ? await presentUsers(db).where('id', '=', BigInt(id)).executeTakeFirst()
    : undefined;
  if (!row) throw notFound('user', id);
  return toUser(row);
}

function presentUsers(db: Kysely<UsersSchema>) {
  return db.selectFrom('bank_user').select(userColumns).where('removed_at', 'is', null);
}

// The text itself, not a pattern: `%` and `_` are letters like others.
function contains(column: 'name' | 'email', text: string) {
  return sql<boolean>`strpos(lower(${sql.ref(column)}), lower(${text}::text)) > 0`;
}
