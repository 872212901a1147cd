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

/**
 * An amount as it arrives: a JSON number, or its plain decimal text for clients that keep money out of floats.
 * Numbers that a double cannot hold never match; what else is wrong with one, parseAmount says.
 */
export const amountSchema = z
  .union([z.number(), boundedText(64)], 'must be a plain decimal such as 12.50')
  .transform((sent) => (Object.is(sent, -0) ? '-0' : String(sent)))
  .meta({
    description: 'Major units, at most the decimals of the currency (USD 2, JPY 0, KWD 3), greater than 0, below 10^13',
    example: 500,
  });

/** A money value in an answer: a JSON number, exact to the currency's decimals. */
export const moneySchema = z.number().meta({ description: 'Major units of the currency, exact', example: 1500 });

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
  const [, units = '0', decimals = ''] = match;
  if (decimals.length > digits) {
    throw invalidAmount(`${currency} amounts have at most ${digits} decimals`, pointer);
  }
  if (units.length > 13) throw invalidAmount('the amount must be below 10000000000000', pointer);
  const amountMinor = BigInt(units + decimals.padEnd(digits, '0'));
  if (amountMinor >= limitMinor || BigInt(units) >= limitUnits) {
    throw invalidAmount(`${currency} amounts must be below ${limitMinor / 10n ** BigInt(digits)}`, pointer);
  }
  return amountMinor;
}

/** The wire form of minor units: 150000n USD is 1500. Exact, since |minor| < 10^15 and one division rounds once. */
export function toUnits(amountMinor: bigint, currency: Currency): number {
  return Number(amountMinor) / 10 ** currencyDigits[currency];
}

function invalidAmount(detail: string, pointer: string): Refusal {
  return new Refusal('amount_invalid', 422, detail, { errors: [{ pointer, detail }] });
}
