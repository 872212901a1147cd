// Reads an amount as a person types it in their language: "1.234,5" in German and "1,234.5" in English are 1234.5.
import { currencyDigits, parseAmount, type Currency } from '../../functions/shared/money.ts';

/** What the bank takes, e.g. `1234.5`, with its minor units; or what is wrong with the text. */
export type MoneyRead =
  { plain: string; minor: bigint } | { problem: 'empty' | 'not_a_number' | 'too_many_decimals' | 'zero' | 'too_large' };

/**
 * Currency signs, spaces and apostrophes between digits do not matter. A group separator counts only where groups are: "1,5" in
 * English could be meant as 1.5 or as 15, so it is refused rather than guessed.
 */
export function readMoney(text: string, currency: Currency, locale: string): MoneyRead {
  const { decimal, group } = separatorsOf(locale);
  const bare = text
    .normalize('NFKC')
    .replace(/[\p{Sc}\p{Zs}'’]/gu, '')
    .replace(currency, '');
  if (bare === '') return { problem: 'empty' };

  const [units = '', decimals, ...more] = bare.split(decimal);
  const ungrouped = group.trim() === '' ? units : withoutGroups(units, group);
  if (ungrouped === undefined || more.length > 0) return { problem: 'not_a_number' };
  if (!/^\d*$/.test(ungrouped) || !/^\d*$/.test(decimals ?? '') || ungrouped + (decimals ?? '') === '') {
    return { problem: 'not_a_number' };
  }
  if ((decimals ?? '').replace(/0+$/, '').length > currencyDigits[currency]) return { problem: 'too_many_decimals' };
  return toAmount(ungrouped, (decimals ?? '').replace(/0+$/, ''), currency);
}

/** Decimal and group separators of a locale, as Intl writes them. */
function separatorsOf(locale: string): { decimal: string; group: string } {
  const parts = new Intl.NumberFormat(locale, { useGrouping: true, minimumFractionDigits: 1 }).formatToParts(12345.5);
  const find = (type: string, other: string): string => parts.find((part) => part.type === type)?.value ?? other;
  return { decimal: find('decimal', '.'), group: find('group', '') };
}

function withoutGroups(units: string, group: string): string | undefined {
  if (!units.includes(group)) return units;
  const [first = '', ...others] = units.split(group);
  const isGrouped = /^\d{1,3}$/.test(first) && others.every((part) => /^\d{3}$/.test(part));
  return isGrouped ? first + others.join('') : undefined;
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
