// What somebody has: a sum for each currency, never one over several.
import { expect, test } from 'vitest';
import { accountExample, type Account } from '../../../functions/shared/contract/account.ts';
import type { Currency } from '../../../functions/shared/contract/money.ts';
import { totalsOf } from './totals.ts';

const account = (currency: Currency, balance: number, available_balance = balance): Account => ({
  ...accountExample,
  currency,
  balance,
  available_balance,
});

test('each currency is summed to the last minor unit, what is available apart from what is booked', () => {
  expect(totalsOf([account('USD', 0.1, 100.1), account('USD', 0.2), account('KWD', -0.001, 0)])).toEqual([
    { currency: 'USD', balance: 0.3, available: 100.3 },
    { currency: 'KWD', balance: -0.001, available: 0 },
  ]);
});

test('a person with many full accounts has a total to the last cent', () => {
  const accounts = Array.from({ length: 11 }, () => account('USD', 9_999_999_999_999.99));
  expect(totalsOf(accounts)).toEqual([
    { currency: 'USD', balance: '109999999999999.89', available: '109999999999999.89' },
  ]);
});

test('the currency with most accounts comes first, the alphabet decides among equals', () => {
  const accounts = [account('USD', 1_000_000), account('JPY', 1), account('EUR', 1), account('EUR', 1)];
  expect(totalsOf(accounts).map(({ currency }) => currency)).toEqual(['EUR', 'JPY', 'USD']);
  expect(totalsOf([])).toEqual([]);
});
