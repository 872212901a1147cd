// Money, numbers and times as languages write them, and sums that are exact.
import { expect, test } from 'vitest';
import type { Currency, Total } from '../../../functions/shared/contract/money.ts';
import { formatMoney, formatMoneyShort, formatNumber, formatTime, sumMoney } from './format.ts';

/** Intl writes spaces that do not break and minus signs of its own. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ').replace('−', '-');

test.each([
  [1234.5, 'USD', 'en-US', '$1,234.50'],
  [1234.5, 'USD', 'de-DE', '1.234,50 $'],
  [1234.5, 'EUR', 'fr-FR', '1 234,50 €'],
  [1234, 'JPY', 'en-US', '¥1,234'],
  [1234.5, 'KWD', 'en-US', 'KWD 1,234.500'],
  [-0.5, 'USD', 'en-US', '-$0.50'],
  [9_999_999_999_999.99, 'USD', 'en-US', '$9,999,999,999,999.99'],
  [1_234_567, 'USD', 'en-IN', '$12,34,567.00'],
] as const)('%s %s in %s is written %s', (amount, currency, locale, text) => {
  expect(plain(formatMoney(amount, currency, locale))).toBe(text);
});

// The kind: a total is shown without its last cent, because a double has no room for it. Siblings: in each kind of currency, below zero.
test.each([
  ['90071992547409.93', 'USD', 'en-US', '$90,071,992,547,409.93'],
  ['-90071992547409.93', 'USD', 'de-DE', '-90.071.992.547.409,93 $'],
  ['1234567890123456.789', 'KWD', 'en-US', 'KWD 1,234,567,890,123,456.789'],
  ['9007199254740993', 'JPY', 'en-US', '¥9,007,199,254,740,993'],
] as const)('a total of %s %s in %s is written %s', (total, currency, locale, text) => {
  expect(plain(formatMoney(total, currency, locale))).toBe(text);
  expect(plain(formatNumber(total, locale, { style: 'currency', currency }))).toBe(text);
});

test.each([
  [5, '+$5.00'],
  [-5, '-$5.00'],
  [0, '$0.00'],
])('%s that came or went is written %s', (amount, text) => {
  expect(plain(formatMoney(amount, 'USD', 'en-US', 'exceptZero'))).toBe(text);
});

test.each([
  [1_234, '$1.2K'],
  [50, '$50'],
  [-2_500_000, '-$2.5M'],
])('an axis writes %s dollars as %s', (amount, text) => {
  expect(plain(formatMoneyShort(amount, 'USD', 'en-US'))).toBe(text);
});

test('numbers and shares are written in the language of the page', () => {
  expect(formatNumber(12345.6, 'de-DE')).toBe('12.345,6');
  expect(plain(formatNumber(0.5, 'de-DE', { style: 'percent' }))).toBe('50 %');
});

test('a day of the bank is the same day everywhere, a moment is shown in the time of the reader', () => {
  const midnight = '2026-11-25T00:00:00.000Z';
  expect(formatTime(midnight, 'en-US', 'date', 'UTC')).toBe('Nov 25, 2026');
  expect(formatTime(midnight, 'de-DE', 'date', 'UTC')).toBe('25.11.2026');
  expect(formatTime(midnight, 'en-US', 'date')).toBe(
    new Date(midnight).toLocaleDateString('en-US', { dateStyle: 'medium' }),
  );
});

test.each<[Currency, readonly Total[], Total]>([
  ['USD', [0.1, 0.2], 0.3],
  ['USD', Array.from({ length: 1000 }, () => 0.01), 10],
  ['USD', [1.005, -1.005, 4.35], 4.35],
  ['USD', [9_999_999_999_999.98, 0.01], 9_999_999_999_999.99],
  ['KWD', [0.001, 0.002], 0.003],
  ['JPY', [1, 2, 3], 6],
  ['EUR', [-0.1, -0.2, 0.3], 0],
  ['EUR', [], 0],
  ['USD', Array.from({ length: 10 }, () => 9_999_999_999_999.99), '99999999999999.90'],
  ['USD', ['90071992547409.93', 0.01, '-90071992547409.93'], 0.01],
  ['KWD', ['-1234567890123456.789', -0.001], '-1234567890123456.790'],
  ['JPY', ['9007199254740993', 2], '9007199254740995'],
])('%s are summed to the last minor unit', (currency, amounts, sum) => {
  expect(sumMoney(amounts, currency)).toBe(sum);
});
