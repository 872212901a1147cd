// Money: bigint minor units inside, plain decimals on the wire. Browsers may import this file.
import * as z from 'zod';
import { boundedText } from './bounded-text.ts';
import { Refusal } from './errors.ts';

/** ISO 4217 codes with their minor unit's decimals; the ledger's `currency` table says the same. */
export const currencyDigits = { USD: 2, EUR: 2, GBP: 2, CHF: 2, JPY: 0, KRW: 0, KWD: 3, BHD: 3 } as const;
export type Currency = keyof typeof currencyDigits;

export const currencySchema = z.enum(Object.keys(currencyDigits) as [Currency, ...Currency[]]).meta({
  description: 'ISO 4217 code',
  example: 'USD',
});

/** 15 significant digits survive every JSON parser (IEEE 754 double), so no amount or balance has more minor units. */
const limitMinor = 10n ** 15n;
const limitUnits = 10n ** 13n;

/** What the schemas tell of an amount besides; what is wrong with one, parseAmount says, which knows its currency. */
const anyAmount = {
  number: { minimum: 0, exclusiveMaximum: 1e13 },
  text: { pattern: `^(0|[1-9][0-9]{0,12})([.][0-9]{1,3}0*)?$` },
};
const someAmount = {
  number: { exclusiveMinimum: 0, exclusiveMaximum: 1e13 },
  text: {
    pattern: `^(0[.](00[1-9]|0[1-9][0-9]?|[1-9][0-9]{0,2})0*|[1-9][0-9]{0,12}([.][0-9]{1,3}0*)?)$`,
  },
};
const digitsTold = 'at most the decimals of the currency (USD 2, JPY 0, KWD 3), zeros behind them aside';

/**
 * An amount as it arrives: a JSON number, or its plain decimal text for clients that keep money out of floats.
 * Numbers that a double cannot hold never match.
 */
export const amountSchema = amountOf(someAmount).meta({
  description: `Major units, ${digitsTold}, greater than 0, below 10^13`,
  example: 500,
});

/** As amountSchema, but it may be zero: opening balances and limits. */
export const amountFromZeroSchema = amountOf(anyAmount).meta({
  description: `Major units, ${digitsTold}, 0 or more, below 10^13`,
  example: 500,
});

function amountOf({ number, text }: typeof anyAmount | typeof someAmount) {
  return z
    .union([z.number().meta(number), boundedText(64).meta(text)], 'must be a plain decimal such as 12.50')
    .transform((sent) => (typeof sent === 'number' ? plainDecimal(sent) : sent));
}

/** A double's digits without an exponent: `1e-7` is `0.0000001`. */
function plainDecimal(sent: number): string {
  if (Object.is(sent, -0)) return '-0';
  const shortest = String(sent);
  const [mantissa = '', exponent] = shortest.split('e');
  if (exponent === undefined) return shortest;
  if (Number(exponent) > 0) return BigInt(sent).toString();
  const digits = mantissa.replace(/[-.]/g, '');
  return `${sent < 0 ? '-' : ''}0.${'0'.repeat(-Number(exponent) - 1)}${digits}`;
}

/** A money value in an answer: a JSON number, exact to the currency's decimals. */
export const moneySchema = z.number().meta({ description: 'Major units of the currency, exact', example: 1500 });

/** Of many amounts, which may have more digits than a double holds: text then, so that nobody calculates with what is left of it. */
export type Total = number | `${number}`;

/** As moneySchema, for a total. On the wire it is a number at any size; who reads it must keep the digits (web/src/app/parse-exactly.ts does). */
export const totalSchema = z
  .custom<Total>((sent) => typeof sent === 'number' || (typeof sent === 'string' && /^-?\d+([.]\d+)?$/.test(sent)))
  .meta({
    type: 'number',
    description: 'Major units of the currency, exact, also above 2^53 minor units',
    example: 1500,
  });

/**
 * Minor units of a plain decimal: `parseAmount('12.5', 'USD')` is 1250n.
 * Refuses (422 `amount_invalid`) signs, exponents, zero, more decimals than the currency has, and 10^13 units or more
 * (10^15 minor units for currencies with 3 decimals).
 */
export function parseAmount(text: string, currency: Currency, pointer = '/amount'): bigint {
  const amountMinor = parseMinor(text, currency, pointer);
  if (amountMinor === 0n) throw invalidAmount('the amount must be greater than zero', pointer);
  return amountMinor;
}

/** As parseAmount, but zero is fine: opening balances and limits. */
export function parseMinor(text: string, currency: Currency, pointer: string): bigint {
  const digits = currencyDigits[currency];
  const match = /^(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text);
  if (!match) throw invalidAmount('the amount must be a plain positive decimal such as 12.50', pointer);
  const [, units = '0', written = ''] = match;
  // As a JSON number 12.5000 is 12.5, and so it is as text.
  const decimals = withoutZerosAtEnd(written);
  if (decimals.length > digits) {
    const most = digits === 0 ? 'no decimals' : `at most ${digits} decimals`;
    throw invalidAmount(`${currency} amounts have ${most}`, pointer);
  }
  if (units.length > 13) throw invalidAmount('the amount must be below 10000000000000', pointer);
  const amountMinor = BigInt(units + decimals.padEnd(digits, '0'));
  if (amountMinor >= limitMinor || BigInt(units) >= limitUnits) {
    throw invalidAmount(`${currency} amounts must be below ${limitMinor / 10n ** BigInt(digits)}`, pointer);
  }
  return amountMinor;
}

/** An expression would begin anew at every zero. */
function withoutZerosAtEnd(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

/** The wire form of minor units: 150000n USD is 1500. Exact for a balance, since |minor| < 10^15 and one division rounds once. */
export function toUnits(amountMinor: bigint, currency: Currency): number {
  return Number(amountMinor) / 10 ** currencyDigits[currency];
}

/** As toUnits, for a total. */
export function toTotal(amountMinor: bigint, currency: Currency): Total {
  if (amountMinor < limitMinor && amountMinor > -limitMinor) return toUnits(amountMinor, currency);
  const digits = currencyDigits[currency];
  // So large that a sign is never among the decimals.
  const minor = String(amountMinor);
  return (digits === 0 ? minor : `${minor.slice(0, -digits)}.${minor.slice(-digits)}`) as Total;
}

/** Minor units of what toUnits or toTotal gave. */
export function minorOf(total: Total, currency: Currency): bigint {
  const [units = '', decimals = ''] = String(total).split('.');
  return BigInt(units + decimals.padEnd(currencyDigits[currency], '0'));
}

/** For an answer: JSON.stringify writes each digit of it as a number's (RFC 8259 sets no limit, readers have their own). */
export function asJsonNumber(total: Total): Total {
  return typeof total === 'number' ? total : (JSON as unknown as { rawJSON: (text: string) => Total }).rawJSON(total);
}

/** As toUnits, for a total in an answer, where nobody calculates with it any more. */
export function toExactUnits(amountMinor: bigint, currency: Currency): Total {
  return asJsonNumber(toTotal(amountMinor, currency));
}

function invalidAmount(detail: string, pointer: string): Refusal {
  return new Refusal('amount_invalid', 422, detail, { errors: [{ pointer, detail }] });
}
