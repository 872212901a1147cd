// Whom somebody can pay again with one press.
import { expect, test } from 'vitest';
import { accountExample } from '../../../functions/shared/contract/account.ts';
import { transactionExample, type Transaction } from '../../../functions/shared/contract/transaction.ts';
import { recentTargets } from './recent-targets.ts';

const own = [1, 2].map((id) => ({ ...accountExample, id }));
const dollars = { currency: 'USD' } as const;

let clock = 0;
/** The list comes as the bank gives it: the newest first. */
function transfer(account_id: number, target_account_id: number | null, more: Partial<Transaction> = {}): Transaction {
  clock += 1;
  const timestamp = new Date(Date.UTC(2026, 10, 25) - clock * 60_000).toISOString();
  return { ...transactionExample, type: 'transfer', account_id, target_account_id, timestamp, ...more };
}

test('those who were paid last come first, each once, with what the latest payment was for', () => {
  const transfers = [transfer(1, 9, { description: 'rent' }), transfer(2, 8), transfer(1, 9, { description: 'older' })];
  expect(recentTargets(transfers, own, dollars)).toEqual([
    { accountId: 9, description: 'rent', at: transfers[0]?.timestamp },
    { accountId: 8, description: null, at: transfers[1]?.timestamp },
  ]);
});

test('own accounts, those who paid, and other currencies are left out', () => {
  const transfers = [transfer(1, 2), transfer(9, 1), transfer(1, 7, { currency: 'EUR' }), transfer(1, null)];
  expect(recentTargets(transfers, own, dollars)).toEqual([]);
  expect(recentTargets(transfers, own, { currency: 'EUR' }).map(({ accountId }) => accountId)).toEqual([7]);
});

test('no more than five are shown', () => {
  const transfers = [11, 12, 13, 14, 15, 16].map((id) => transfer(1, id));
  expect(recentTargets(transfers, own, dollars).map(({ accountId }) => accountId)).toEqual([11, 12, 13, 14, 15]);
});
