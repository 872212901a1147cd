// Reads and writes an amount as a person types it: "1.234,5" in German and "1,234.5" in English are 1234.5.
import { currencyDigits, parseAmount, type Currency } from '../../../functions/shared/contract/money.ts';
import { withoutMarks } from './currency-marks.ts';

/** What the bank takes, e.g. `1234.5`, with its minor units; or what is wrong with the text. */
export type MoneyRead =
  | { plain: string; minor: bigint }
  | {
      problem: 'empty' | 'not_a_number' | 'other_currency' | 'negative' | 'too_many_decimals' | 'zero' | 'too_large';
    };

/** Nobody types more; what is longer was pasted, and is no amount. */
const textLengthMax = 1_000;

/** What a page adds for whoever writes from right to left; it is copied with the amount, and seen by nobody. */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * The currency's own signs and the spaces around do not matter; those of another are no amount here. The plus of what came in is left out,
 * and a minus is not: an amount copied from what went out could be meant either way. What separates groups counts only where groups are:
 * "1,5" in English could be meant as 1.5 or as 15, and "12 50" as 12.50 or as 1250, so they are refused rather than guessed.
 */
export function readMoney(text: string, currency: Currency, locale: string): MoneyRead {
  if (text.length > textLengthMax) return { problem: 'not_a_number' };
  const { decimal, group } = separatorsOf(currency, locale);
  const typed = toHalfWidth(text).replace(directions, '').trim();
  const before = splitSign(typed);
  const marked = withoutMarks(before.rest, currency, locale);
  if (marked === undefined) return { problem: 'other_currency' };
  // Swiss formats have it behind the mark: `CHF+5`.
  const behind = before.sign === '' ? splitSign(marked.trim()) : { sign: '', rest: marked.trim() };
  const sign = before.sign + behind.sign;
  const bare = behind.rest;
  if (bare === '') return { problem: sign === '' ? 'empty' : 'not_a_number' };

  const [units = '', decimals = '', ...more] = bare.split(decimal);
  const ungrouped = withoutGroups(units, group, locale);
  if (ungrouped === undefined || !/^\d*$/.test(decimals) || ungrouped + decimals === '' || more.length > 0) {
    return { problem: 'not_a_number' };
  }
  if (sign !== '' && sign !== '+') return { problem: 'negative' };
  const neededDecimals = withoutZerosAtEnd(decimals);
  if (neededDecimals.length > currencyDigits[currency]) return { problem: 'too_many_decimals' };
  return toAmount(ungrouped, neededDecimals, currency);
}

function splitSign(text: string): { sign: string; rest: string } {
  const sign = /^[+\-\u2212]/.exec(text)?.[0] ?? '';
  return { sign, rest: text.slice(sign.length).trim() };
}

function withoutZerosAtEnd(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

/** `plain` in full, without the currency's sign: what readMoney() takes for the same amount. */
export function writeMoney(plain: string, currency: Currency, locale: string): string {
  const parts = currencyFormat(currency, locale).formatToParts(plain as Intl.StringNumericLiteral);
  return parts
    .filter(({ type }) => ['integer', 'group', 'decimal', 'fraction'].includes(type))
    .map(({ value }) => value)
    .join('');
}

/** As Intl writes them for money: German in Austria groups other numbers otherwise. */
function separatorsOf(currency: Currency, locale: string): { decimal: string; group: string } {
  const parts = currencyFormat(currency, locale, 1).formatToParts(12345.5);
  const find = (type: string, other: string): string => parts.find((part) => part.type === type)?.value ?? other;
  return { decimal: find('decimal', '.'), group: find('group', ' ') };
}

function currencyFormat(currency: Currency, locale: string, digitsMin = 0): Intl.NumberFormat {
  const digits = Math.max(currencyDigits[currency], digitsMin);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** What East Asian keyboards write. Not all that Unicode folds: the footnote in "100¹" would become a digit. */
function toHalfWidth(text: string): string {
  return text.replace(/[！-～]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0));
}

/** Groups are of three digits, or as the locale writes them: 12,34,567 in India. Undefined where they are neither. */
function withoutGroups(units: string, group: string, locale: string): string | undefined {
  const marked = units.replace(/[\s'’]/g, group);
  const digits = marked.replaceAll(group, '');
  if (!/^\d*$/.test(digits)) return undefined;
  if (marked === digits) return digits;
  const [first = '', ...others] = marked.split(group);
  const isThrees = /^[1-9]\d{0,2}$/.test(first) && others.every((part) => part.length === 3);
  const written = new Intl.NumberFormat(locale, { useGrouping: 'always' })
    .formatToParts(BigInt(digits))
    .filter(({ type }) => type === 'integer')
    .map(({ value }) => value);
  return isThrees || written.join() === [first, ...others].join() ? digits : undefined;
}

function toAmount(units: string, decimals: string, currency: Currency): MoneyRead {
  const plain = `${units.replace(/^0+(?=\d)/, '') || '0'}${decimals && `.${decimals}`}`;
  if (/^[0.]*$/.test(plain)) return { problem: 'zero' };
  try {
    return { plain, minor: parseAmount(plain, currency) };
  } catch {
    // The form is right by now, so this is the ledger's limit.
    return { problem: 'too_large' };
  }
}
