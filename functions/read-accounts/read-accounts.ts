// Shows accounts: now, as of a moment, or day by day, each alone or all of a person's together.
import type { Kysely } from 'kysely';
import { isTeller, mayActFor, userIdOf } from '../shared/handler/caller.ts';
import type { Account } from '../shared/contract/account.ts';
import { page, type Page } from '../shared/handler/answer.ts';
import type { CommandOf } from '../shared/contract/function.ts';
import { idAfter } from '../shared/reading/cursor.ts';
import { retrying } from '../shared/database/pool.ts';
import { notFound } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import { selectAccountAsOf, selectAccounts } from '../shared/ledger/render-account.ts';
import { contract, type Day } from './contract.ts';
import { parseDayPeriod } from './day-period.ts';
import { selectDays } from './select-days.ts';
import { selectUserDays } from './select-user-days.ts';
import type { Call } from '../shared/handler/call.ts';

type Routes = (typeof contract)['routes'];

export const readAccountsFunction = defineFunction(contract, (environment) => ({
  routes: {
    'GET /accounts': (query, call) => retrying(() => listAccounts(environment.ledgerDatabase.db, query, call)),
    'GET /accounts/days': (query, call) => readUserDays(environment.ledgerDatabase.db, environment.now(), query, call),
    'GET /accounts/{id}': (query, call) => retrying(() => readAccount(environment.ledgerDatabase.db, query, call)),
    'GET /accounts/{id}/days': (query, call) => readDays(environment.ledgerDatabase.db, environment.now(), query, call),
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

/** Has no ETag: an account's version stays the same over midnight, and its days do not. */
export async function readDays(
  db: Kysely<LedgerSchema>,
  now: Date,
  { id, ...asked }: CommandOf<Routes['GET /accounts/{id}/days']>,
  { caller }: Pick<Call, 'caller'>,
): Promise<Day[]> {
  const period = parseDayPeriod(asked, now);
  // Nobody is user 0: no caller reads without being a teller or somebody.
  const ownerId = isTeller(caller) ? undefined : (userIdOf(caller) ?? 0);
  const days = await selectDays(db, { accountId: id, ownerId, period });
  if (days.length === 0) throw notFound('account', id);
  return days;
}

/** The ledger knows no people: of somebody without accounts, or whom nobody has ever heard of, a teller sees days of 0. */
export async function readUserDays(
  db: Kysely<LedgerSchema>,
  now: Date,
  { user_id, currency, ...asked }: CommandOf<Routes['GET /accounts/days']>,
  { caller }: Pick<Call, 'caller'>,
): Promise<Day[]> {
  const userId = user_id ?? userIdOf(caller) ?? 0;
  if (!mayActFor(caller, userId)) throw notFound('user', userId, '/user_id');
  return selectUserDays(db, { userId, currency, period: parseDayPeriod(asked, now) });
}
