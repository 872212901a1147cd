// Whom somebody paid lately, from the history: nobody has to keep an address book, or to type a number twice.
import type { Account } from '../../../functions/shared/contract/account.ts';
import type { Transaction } from '../../../functions/shared/contract/transaction.ts';

export type RecentTarget = { accountId: number; description: string | null; at: string };

const shownMax = 5;

/** Accounts of others that took transfers in the currency of `from`, the latest first, each once. */
export function recentTargets(
  transfers: readonly Transaction[],
  own: readonly Account[],
  from: Pick<Account, 'currency'>,
): RecentTarget[] {
  const ownIds = new Set(own.map(({ id }) => id));
  const recent = new Map<number, RecentTarget>();
  for (const { account_id, target_account_id, currency, description, timestamp } of transfers) {
    const isPayment = ownIds.has(account_id) && target_account_id !== null && !ownIds.has(target_account_id);
    if (!isPayment || currency !== from.currency || recent.has(target_account_id)) continue;
    recent.set(target_account_id, { accountId: target_account_id, description, at: timestamp });
  }
  return [...recent.values()].slice(0, shownMax);
}
