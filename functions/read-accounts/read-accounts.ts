// Shows accounts, now or as of a moment.
import type { Kysely } from 'kysely';
import { isTeller, mayActFor, userIdOf } from '../shared/access.ts';
import type { Account } from '../shared/account-contract.ts';
import { page, type Page } from '../shared/answer.ts';
import type { CommandOf } from '../shared/contract.ts';
import { idAfter } from '../shared/cursor.ts';
import { retrying } from '../shared/database.ts';
import { notFound } from '../shared/errors.ts';
import { defineFunction, type Call } from '../shared/function.ts';
import type { LedgerSchema } from '../shared/ledger-schema.ts';
import { selectAccountAsOf, selectAccounts } from '../shared/render-account.ts';
import { contract } from './contract.ts';

type Routes = (typeof contract)['routes'];

export const readAccountsFunction = defineFunction(contract, (environment) => ({
  routes: {
    'GET /accounts': (query, call) => retrying(() => listAccounts(environment.ledgerDatabase.db, query, call)),
    'GET /accounts/{id}': (query, call) => retrying(() => readAccount(environment.ledgerDatabase.db, query, call)),
  },
}));

export async function listAccounts(
  db: Kysely<LedgerSchema>,
  { user_id, status, limit, skip }: CommandOf<Routes['GET /accounts']>,
  call: Call,
): Promise<Page<Account>> {
  if (user_id !== undefined && !mayActFor(call.caller, user_id)) throw notFound('user', user_id, '/user_id');
  const userId = isTeller(call.caller) ? user_id : userIdOf(call.caller);
  const afterId = idAfter(call.after);
  // One more than asked for tells whether there is a next page.
  const accounts = await selectAccounts(db, { userId, status, afterId, skip, limit: limit + 1 });
  const last = accounts[limit - 1];
  return accounts.length > limit && last ? page(accounts.slice(0, limit), { id: last.id }) : page(accounts);
}

export async function readAccount(
  db: Kysely<LedgerSchema>,
  { id, as_of }: CommandOf<Routes['GET /accounts/{id}']>,
  call: Call,
): Promise<Account> {
  const account =
    as_of === undefined
      ? (await selectAccounts(db, { id, limit: 1, skip: 0 }))[0]
      : await selectAccountAsOf(db, id, as_of);
  if (!account || !mayActFor(call.caller, account.user_id)) throw notFound('account', id);
  return account;
}
