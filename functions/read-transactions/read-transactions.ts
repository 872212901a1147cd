// Shows transactions with both their entries: one, or a history newest first. Next in the story: ./query-transactions.ts.
import { isTeller, mayActFor, userIdOf, type Caller } from '../shared/handler/caller.ts';
import { page, type Page } from '../shared/handler/answer.ts';
import type { CommandOf } from '../shared/contract/function.ts';
import { idAfter, momentAfter } from '../shared/reading/cursor.ts';
import { listAudit } from '../shared/database/audit.ts';
import { retrying } from '../shared/database/pool.ts';
import type { Environment } from '../shared/process/environment.ts';
import { notFound } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { visibleEntries } from '../shared/ledger/render-transaction.ts';
import type { Transaction } from '../shared/contract/transaction.ts';
import { contract } from './contract.ts';
import { selectTransaction, selectTransactions, type FoundTransaction } from './query-transactions.ts';
import type { Call } from '../shared/handler/call.ts';

type Routes = (typeof contract)['routes'];
type Tools = Pick<Environment, 'ledger' | 'ledgerDatabase'>;

export const readTransactionsFunction = defineFunction(contract, (environment) => ({
  routes: {
    'GET /audit/ledger': (query, { after }) => listAudit(environment.ledgerDatabase.db, query, momentAfter(after)),
    'GET /transactions': (query, call) => retrying(() => listTransactions(environment, query, call)),
    'GET /transactions/{id}': ({ id }, call) => retrying(() => readTransaction(environment, id, call)),
  },
}));

export async function listTransactions(
  { ledger, ledgerDatabase }: Tools,
  { account_id, limit, ...filter }: CommandOf<Routes['GET /transactions']>,
  call: Call,
): Promise<Page<Transaction>> {
  if (account_id !== undefined) {
    const account = await ledger.findAccount(account_id);
    if (!account || !mayActFor(call.caller, account.user_id)) throw notFound('account', account_id, '/account_id');
  }
  const found = await selectTransactions(ledgerDatabase.db, {
    ...filter,
    accountId: account_id,
    userId: isTeller(call.caller) ? undefined : userIdOf(call.caller),
    beforeId: idAfter(call.after),
    // One more than asked for tells whether there is a next page.
    limit: limit + 1,
  });
  const items = found.slice(0, limit).map((transaction) => toTransaction(transaction, call.caller));
  const last = items.at(-1);
  return found.length > limit && last ? page(items, { id: last.id }) : page(items);
}

export async function readTransaction({ ledgerDatabase }: Tools, id: number, call: Call): Promise<Transaction> {
  const found = await selectTransaction(ledgerDatabase.db, id);
  const isTheirs = found?.entries.some(({ user_id }) => user_id !== null && mayActFor(call.caller, user_id));
  if (!found || !isTheirs) throw notFound('transaction', id);
  return toTransaction(found, call.caller);
}

function toTransaction(found: FoundTransaction, caller: Caller): Transaction {
  // Who sends money tells the payee no more than the account it comes from.
  const isShown = isTeller(caller) || found.requested_by === userIdOf(caller);
  return {
    ...found,
    requested_by: isShown ? found.requested_by : null,
    entries: visibleEntries(found.entries, caller),
  };
}
