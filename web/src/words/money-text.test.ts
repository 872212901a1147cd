// Amounts as people type and paste them, in their own language: read exactly, or refused rather than guessed.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { currencyDigits, type Currency } from '../../../functions/shared/contract/money.ts';
import { formatMoney } from './format.ts';
import { readMoney, writeMoney } from './money-text.ts';

const locales = [
  'en-US',
  'en-GB',
  'en-IN',
  'en-ZA',
  'en-CH',
  'de-DE',
  'de-AT',
  'de-CH',
  'de-LI',
  'fr-FR',
  'fr-CH',
  'es-ES',
];
const currencies = Object.keys(currencyDigits) as Currency[];

/** What was understood: the amount as the bank takes it, or the problem in capitals. */
function read(text: string, currency: Currency, locale: string): string {
  const found = readMoney(text, currency, locale);
  return 'plain' in found ? found.plain : found.problem.toUpperCase();
}

test.each<[locale: string, text: string, understood: string]>([
  ['en-US', '1234.5', '1234.5'],
  ['en-US', '1,234.50', '1234.5'],
  ['en-US', '1,234,567.89', '1234567.89'],
  ['en-US', '.5', '0.5'],
  ['en-US', '5.', '5'],
  ['en-US', '007.10', '7.1'],
  ['de-DE', '1234,5', '1234.5'],
  ['de-DE', '1.234,50', '1234.5'],
  ['de-DE', '1.234.567', '1234567'],
  ['de-DE', '1 234,50', '1234.5'],
  ['de-AT', '1.234,50', '1234.5'],
  ['de-AT', '1 234,50', '1234.5'],
  ['de-CH', '1’234.50', '1234.5'],
  ['de-CH', "1'234.50", '1234.5'],
  ['en-IN', '12,34,567.5', '1234567.5'],
  ['en-IN', '1,234,567.5', '1234567.5'],
  ['fr-FR', '1 234,50', '1234.5'],
  ['fr-FR', '1\u202f234\u202f567,50', '1234567.5'],
])('in %s %j is %s', (locale, text, understood) => {
  expect(read(text, 'EUR', locale)).toBe(understood);
});

test.each<[locale: string, text: string]>([
  ['en-US', '1,5'],
  ['en-US', '1,50'],
  ['en-US', '0,125'],
  ['en-US', '1234,567'],
  ['en-US', '1,2345'],
  ['en-US', '12,34,567'],
  ['en-US', '1.234,50'],
  ['en-US', '1.5.0'],
  ['en-US', '12 50'],
  ['en-US', "1'5"],
  ['en-US', ',500'],
  ['de-DE', '1.5'],
  ['de-DE', '0.500'],
  ['de-DE', '1,234.50'],
  ['de-DE', '1.23,45'],
  ['fr-FR', '12 50'],
  ['en-IN', '1,2,3'],
])('in %s %j could mean two amounts or none, and is refused', (locale, text) => {
  expect(read(text, 'EUR', locale)).toBe('NOT_A_NUMBER');
});

test.each<[currency: Currency, text: string, understood: string]>([
  ['USD', '$1,234.50', '1234.5'],
  ['USD', '1,234.50 USD', '1234.5'],
  ['EUR', '€\u00a01,234.50', '1234.5'],
  ['EUR', '1,234.50\u202f€', '1234.5'],
  ['CHF', 'CHF 50', '50'],
  ['GBP', '  £5\t', '5'],
  ['JPY', '￥１，２３４', '1234'],
  ['JPY', '¥1,000', '1000'],
  ['KWD', '１２．３４５', '12.345'],
])('an amount pasted in %s as %j is %s', (currency, text, understood) => {
  expect(read(text, currency, 'en')).toBe(understood);
});

// The kind: a sign beside the number says another currency. Siblings: signs in front and behind, codes, signs of currencies the bank has not.
test.each<[currency: Currency, text: string]>([
  ['USD', '€5'],
  ['USD', '5 €'],
  ['USD', '5 EUR'],
  ['USD', 'eur 5'],
  ['USD', '£5'],
  ['USD', '¥5'],
  ['USD', '₹5'],
  ['USD', 'CA$5'],
  ['USD', 'A$5'],
  ['USD', '5 CAD'],
  ['EUR', '$5'],
  ['EUR', 'US$5'],
  ['JPY', '1,000 KRW'],
  ['CHF', '€ 5'],
])('into an account in %s nobody types %j: that is another currency', (currency, text) => {
  expect(read(text, currency, 'en')).toBe('OTHER_CURRENCY');
});

// The kind: what the page itself shows is not understood. Siblings: with the sign of what came in, and in the short marks of other languages.
test.each<[currency: Currency, text: string, locale: string]>([
  ['USD', 'US$1,234.50', 'en-GB'],
  ['USD', '$US1,234.50', 'en-US'],
  ['USD', '1\u202f234,50\u00a0$US', 'fr-FR'],
  ['USD', '+$1,234.50', 'en-US'],
  ['USD', 'usd 1234.5', 'en-US'],
  ['CHF', 'Fr. 1’234.50', 'de-CH'],
  ['USD', '\u200f1,234.50\u00a0$\u200f', 'en-US'],
])('in %s %j of a page in %s is 1234.5', (currency, text, locale) => {
  expect(read(text, currency, locale)).toBe('1234.5');
});

test('every amount that the page shows reads as the same amount, with and without the sign of what came in', () => {
  const minor = fc.bigInt({ min: 1n, max: 10n ** 15n - 1n });
  fc.assert(
    fc.property(
      minor,
      fc.constantFrom(...locales),
      fc.constantFrom(...currencies),
      fc.constantFrom('auto' as const, 'exceptZero' as const),
      (amount, locale, currency, sign) => {
        fc.pre(amount < 10n ** BigInt(13 + currencyDigits[currency]));
        const shown = formatMoney(Number(plainOf(amount, currency)), currency, locale, sign);
        expect([shown, readMoney(shown, currency, locale)]).toMatchObject([shown, { minor: amount }]);
      },
    ),
    { numRuns: 500, seed: 20261130 },
  );
});

test.each<[currency: Currency, text: string, understood: string]>([
  ['USD', '1.00', '1'],
  ['USD', '1.250', '1.25'],
  ['USD', '1.255', 'TOO_MANY_DECIMALS'],
  ['JPY', '1.00', '1'],
  ['JPY', '1.5', 'TOO_MANY_DECIMALS'],
  ['KWD', '1.2340', '1.234'],
  ['KWD', '1.2345', 'TOO_MANY_DECIMALS'],
  ['USD', '9,999,999,999,999.99', '9999999999999.99'],
  ['USD', '10,000,000,000,000', 'TOO_LARGE'],
  ['KWD', '999999999999.999', '999999999999.999'],
  ['KWD', '1000000000000', 'TOO_LARGE'],
  ['USD', '9'.repeat(400), 'TOO_LARGE'],
  ['USD', '0', 'ZERO'],
  ['USD', '000.00', 'ZERO'],
  ['USD', '', 'EMPTY'],
  ['USD', ' $ ', 'EMPTY'],
  ['USD', '.', 'NOT_A_NUMBER'],
  ['USD', ',', 'NOT_A_NUMBER'],
  ['USD', '-1', 'NEGATIVE'],
  ['USD', '−$1.00', 'NEGATIVE'],
  ['USD', '-', 'NOT_A_NUMBER'],
  ['USD', '+1', '1'],
  ['USD', '--1', 'NOT_A_NUMBER'],
  ['USD', '1e5', 'NOT_A_NUMBER'],
  ['USD', '0x10', 'NOT_A_NUMBER'],
  ['USD', 'NaN', 'NOT_A_NUMBER'],
  ['USD', '100¹', 'NOT_A_NUMBER'],
  ['USD', '½', 'NOT_A_NUMBER'],
  ['USD', '١٢', 'NOT_A_NUMBER'],
])('as an amount in %s %j is %s', (currency, text, understood) => {
  expect(read(text, currency, 'en')).toBe(understood);
});

test('15 digits keep their minor units to the last one', () => {
  expect(readMoney('8.765.432.109.876,54', 'EUR', 'de')).toEqual({
    plain: '8765432109876.54',
    minor: 876_543_210_987_654n,
  });
});

test.each([
  ['en-US', 'USD', '1234.5', '1,234.50'],
  ['de-DE', 'EUR', '1234.5', '1.234,50'],
  ['en-IN', 'USD', '1234567.8', '12,34,567.80'],
  ['de-AT', 'EUR', '1234.5', '1.234,50'],
  ['en-US', 'JPY', '1234', '1,234'],
  ['de-DE', 'KWD', '0.5', '0,500'],
  ['de-DE', 'USD', '9999999999999.99', '9.999.999.999.999,99'],
] as const)('in %s an amount in %s of %s is written out as %s', (locale, currency, plain, text) => {
  expect(writeMoney(plain, currency, locale)).toBe(text);
});

test.each(['1'.repeat(1_001), `1.${'0'.repeat(60_000)}1`, `${' '.repeat(60_000)}5`])(
  'a text of more than a thousand characters is no amount: %.10s…',
  (text) => {
    expect(readMoney(text, 'USD', 'en-US')).toEqual({ problem: 'not_a_number' });
  },
);

test('zeros behind the decimals do not count', () => {
  expect(readMoney('1.50000', 'USD', 'en-US')).toMatchObject({ plain: '1.5', minor: 150n });
});

test('every amount that is written out reads as the same amount, in every language and currency', () => {
  const minor = fc.bigInt({ min: 1n, max: 10n ** 15n - 1n });
  fc.assert(
    fc.property(minor, fc.constantFrom(...locales), fc.constantFrom(...currencies), (amount, locale, currency) => {
      fc.pre(amount < 10n ** BigInt(13 + currencyDigits[currency]));
      const found = readMoney(writeMoney(plainOf(amount, currency), currency, locale), currency, locale);
      expect(found).toMatchObject({ minor: amount });
    }),
    { numRuns: 1_000, seed: 20261125 },
  );
});

function plainOf(minor: bigint, currency: Currency): string {
  const digits = currencyDigits[currency];
  const text = String(minor).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
