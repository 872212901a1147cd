// Shows users; those who were removed are gone for everyone. Tells find-payee whose an e-mail address is, and open-account who is a user.
import { sql, type Kysely } from 'kysely';
import type * as z from 'zod';
import { mayActFor, type Caller } from '../shared/handler/caller.ts';
import { answering } from '../shared/questions/answer.ts';
import { page, type Page } from '../shared/handler/answer.ts';
import { idAfter, momentAfter } from '../shared/reading/cursor.ts';
import { listAudit } from '../shared/database/audit.ts';
import { retrying } from '../shared/database/pool.ts';
import { emailKey } from '../shared/contract/email-key.ts';
import { notFound } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { payeeQuestion } from '../shared/questions/payee.ts';
import { userQuestion } from '../shared/questions/user.ts';
import type { User } from '../shared/contract/user.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/database/users-schema.ts';
import { contract, type UsersQuery } from './contract.ts';
import type { Call } from '../shared/handler/call.ts';

export const readUsersFunction = defineFunction(contract, ({ users }) => ({
  routes: {
    'GET /audit/users': (query, { after }) => listAudit(users.db, query, momentAfter(after)),
    'GET /users': (query, call) => listUsers(users.db, query, call),
    'GET /users/{id}': ({ id }, call) => readUser(users.db, id, call.caller),
  },
  questions: [
    answering(payeeQuestion, ({ email }) => retrying(() => findPerson(users.db, email))),
    answering(userQuestion, async ({ user_id }) => ({ is_user: await retrying(() => isUser(users.db, user_id)) })),
  ],
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
  if (email !== undefined) query = query.where('email_key', '=', emailKey(email));
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

/** Null when nobody has this address now. */
async function findPerson(db: Kysely<UsersSchema>, email: string): Promise<z.infer<typeof payeeQuestion.answer>> {
  const row = await presentUsers(db).where('email_key', '=', emailKey(email)).executeTakeFirst();
  if (!row) return null;
  const { id, name } = toUser(row);
  return { user_id: id, name };
}

async function isUser(db: Kysely<UsersSchema>, id: number): Promise<boolean> {
  return (await presentUsers(db).where('id', '=', BigInt(id)).executeTakeFirst()) !== undefined;
}

function presentUsers(db: Kysely<UsersSchema>) {
  return db.selectFrom('bank_user').select(userColumns).where('removed_at', 'is', null);
}

// The text itself, not a pattern: `%` and `_` are letters like others.
function contains(column: 'name' | 'email', text: string) {
  return sql<boolean>`strpos(search_key(${sql.ref(column)}), search_key(${text}::text)) > 0`;
}
