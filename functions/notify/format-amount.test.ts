// What amounts look like in messages, and in minor units.
import { expect, test } from 'vitest';
import { formatAmount, toMinor } from './format-amount.ts';

test.each([
  [1500, 'USD', '$1500.00'],
  [0.1, 'USD', '$0.10'],
  [0.29, 'USD', '$0.29'],
  [1.005e3, 'USD', '$1005.00'],
  [9999999999999.99, 'USD', '$9999999999999.99'],
  [0, 'USD', '$0.00'],
  [-0, 'USD', '$0.00'],
  [-50.5, 'USD', '-$50.50'],
  [1500, 'JPY', 'JPY 1500'],
  [-1500, 'JPY', 'JPY -1500'],
  [0.001, 'KWD', 'KWD 0.001'],
  [12.5, 'KWD', 'KWD 12.500'],
  [999999999999.999, 'KWD', 'KWD 999999999999.999'],
  [12.5, 'EUR', 'EUR 12.50'],
])('writes %d %s as %s', (amount, currency, text) => {
  expect(formatAmount(amount, currency)).toBe(text);
});

test.each([
  [1500, 'USD', 150_000],
  [0.29, 'USD', 29],
  [-50.5, 'USD', -5050],
  [0, 'USD', 0],
  [-0, 'USD', 0],
  [1500, 'JPY', 1500],
  [0.001, 'KWD', 1],
  [-12.5, 'KWD', -12_500],
  [9999999999999.99, 'USD', 999_999_999_999_999],
])('%d %s has %d minor units', (amount, currency, amountMinor) => {
  expect(toMinor(amount, currency)).toBe(amountMinor);
});

test('refuses minor units that a number cannot hold exactly', () => {
  expect(() => toMinor(1e14, 'KWD')).toThrow('not an amount');
});

test.each([
  [0.1 + 0.2, 'USD'],
  [0.001, 'USD'],
  [0.5, 'JPY'],
  [1e-7, 'KWD'],
  [1e21, 'USD'],
  [Number.NaN, 'USD'],
  [Number.POSITIVE_INFINITY, 'USD'],
  [1, 'XXX'],
  [1, 'toString'],
])('refuses to write %d %s, which no ledger books', (amount, currency) => {
  expect(() => formatAmount(amount, currency)).toThrow('not an amount');
  expect(() => toMinor(amount, currency)).toThrow('not an amount');
});
