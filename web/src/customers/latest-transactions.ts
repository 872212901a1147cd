// The latest transactions of somebody else's accounts: the bank lists them by account, and a transfer between two comes with both.
import { contract as readTransactions } from '../../../functions/read-transactions/contract.ts';
import type { Account } from '../../../functions/shared/contract/account.ts';
import type { Transaction } from '../../../functions/shared/contract/transaction.ts';
import { call } from '../app/api.ts';

/** One question for each, so not for every account that a company may have. */
export const accountsAskedMax = 8;

/** Those that are asked for: the open ones before the closed ones. */
export function accountsToAsk(accounts: readonly Account[]): number[] {
  const open = accounts.filter(({ status }) => status !== 'closed');
  const closed = accounts.filter(({ status }) => status === 'closed');
  return [...open, ...closed].slice(0, accountsAskedMax).map(({ id }) => id);
}

/** The newest `count` of these accounts together. */
export async function latestTransactions(
  accountIds: readonly number[],
  count: number,
  signal: AbortSignal,
): Promise<Transaction[]> {
  const lists = await Promise.all(
    accountIds.map((id) => call(readTransactions, 'GET /transactions', { account_id: id, limit: count }, { signal })),
  );
  const byId = new Map(lists.flat().map((transaction) => [transaction.id, transaction]));
  return [...byId.values()].sort((one, other) => other.id - one.id).slice(0, count);
}
