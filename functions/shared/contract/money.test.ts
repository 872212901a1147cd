// Amounts in and out: what is a plain decimal, in each kind of currency.
import { expect, test } from 'vitest';
import { amountSchema, parseAmount, parseMinor, toExactUnits, toUnits, type Currency } from './money.ts';

test.each<[number | string, Currency, bigint]>([
  [500, 'USD', 50_000n],
  [0.1, 'USD', 10n],
  ['12.5', 'USD', 1_250n],
  ['12.50', 'USD', 1_250n],
  // The kind: one amount is taken as a number and refused as text. Siblings: zeros behind the decimals of each kind of currency.
  [12.5, 'USD', 1_250n],
  ['12.5000', 'USD', 1_250n],
  ['1500.00', 'JPY', 1_500n],
  ['0.0010000', 'KWD', 1n],
  [1500, 'JPY', 1_500n],
  [0.001, 'KWD', 1n],
  [9_999_999_999_999.99, 'USD', 999_999_999_999_999n],
  [9_999_999_999_999, 'JPY', 9_999_999_999_999n],
  ['999999999999.999', 'KWD', 999_999_999_999_999n],
])('%s %s is %s minor units', (sent, currency, minor) => {
  expect(parseAmount(amountSchema.parse(sent), currency)).toBe(minor);
});

test.each<[unknown, Currency]>([
  [0, 'USD'],
  [-0, 'USD'],
  [-5, 'USD'],
  [0.001, 'USD'],
  [1.5, 'JPY'],
  [0.0001, 'KWD'],
  [1e13, 'USD'],
  [1e13, 'JPY'],
  [1e12, 'KWD'],
  [1e400, 'USD'],
  [0.1 + 0.2, 'USD'],
  [1e-7, 'USD'],
  ['1e400', 'USD'],
  ['NaN', 'USD'],
  ['Infinity', 'USD'],
  ['1,5', 'USD'],
  ['0x10', 'USD'],
  ['+5', 'USD'],
  ['05', 'USD'],
  ['5.', 'USD'],
  ['.5', 'USD'],
  [' 5', 'USD'],
  ['', 'USD'],
  ['9'.repeat(60), 'USD'],
  ['10000000000000.001', 'USD'],
])('%s is no amount in %s', (sent, currency) => {
  const parse = () => parseAmount(amountSchema.safeParse(sent).data ?? 'not even a number', currency, '/amount');
  expect(parse).toThrow(
    expect.objectContaining({
      code: 'amount_invalid',
      status: 422,
      errors: [{ pointer: '/amount', detail: expect.any(String) }],
    }),
  );
});

test('zero is fine where nothing needs to move', () => {
  expect(parseMinor('0', 'USD', '/balance')).toBe(0n);
  expect(parseMinor('0.00', 'USD', '/balance')).toBe(0n);
});

test.each<[bigint, Currency, string]>([
  [110n, 'USD', '1.1'],
  [150_000n, 'USD', '1500'],
  [999_999_999_999_999n, 'USD', '9999999999999.99'],
  [999_999_999_999_999n, 'KWD', '999999999999.999'],
  [-1n, 'KWD', '-0.001'],
  [30n, 'USD', '0.3'],
])('%s minor units of %s are written %s', (minor, currency, text) => {
  expect(JSON.stringify(toUnits(minor, currency))).toBe(text);
});

test('what is written is read back exactly, at every size', () => {
  for (let minor = 7n; minor < 10n ** 15n; minor = minor * 3n + 1n) {
    for (const currency of ['USD', 'KWD', 'JPY'] as const) {
      if (currency === 'JPY' && minor >= 10n ** 13n) continue;
      expect(parseAmount(JSON.stringify(toUnits(minor, currency)), currency)).toBe(minor);
    }
  }
});

test.each([
  [1e-7, 'USD amounts have at most 2 decimals'],
  [5e-324, 'USD amounts have at most 2 decimals'],
  [1.5e-10, 'USD amounts have at most 2 decimals'],
  [1e21, 'the amount must be below 10000000000000'],
  [-1e21, 'the amount must be a plain positive decimal'],
])('%d is refused for what is wrong with it, not for how JavaScript writes it', (sent, why) => {
  expect(() => parseAmount(amountSchema.parse(sent), 'USD')).toThrow(why);
});

// The kind: a double has no room for the last cent. Siblings: every total of many amounts, in each kind of currency, below zero as well.
test.each<[bigint, Currency, string]>([
  [9_007_199_254_740_993n, 'USD', '90071992547409.93'],
  [-9_007_199_254_740_993n, 'USD', '-90071992547409.93'],
  [1_234_567_890_123_456_789n, 'KWD', '1234567890123456.789'],
  [9_007_199_254_740_993n, 'JPY', '9007199254740993'],
  [999_999_999_999_999n, 'USD', '9999999999999.99'],
  [150_000n, 'USD', '1500'],
])('a total of %s minor units of %s is written %s', (minor, currency, written) => {
  expect(JSON.stringify({ total: toExactUnits(minor, currency) })).toBe(`{"total":${written}}`);
});
