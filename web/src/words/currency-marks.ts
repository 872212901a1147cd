// What people write beside an amount to say its currency: `$`, `US$`, `$US` and `USD` are all dollars, `€` is none.
import { currencyDigits, type Currency } from '../../../functions/shared/contract/money.ts';

/** Written by hand and by other programs, and by no language of Intl that we ask. */
const byHand: Partial<Record<Currency, readonly string[]>> = {
  CHF: ['Fr.', 'SFr.', 'sFr.', 'Fr'],
  JPY: ['円'],
  KRW: ['원'],
};
/** Languages whose marks are understood in all others: amounts are copied from anywhere. */
const always = ['en-US', 'en-GB', 'en-CA', 'de-DE', 'fr-FR', 'fr-CA', 'ja-JP'];

const known = new Map<string, ReadonlyMap<string, Currency>>();

/** Every mark of every currency of the bank, the longest first, in capitals. */
function marksIn(locale: string): ReadonlyMap<string, Currency> {
  let marks = known.get(locale);
  if (!marks) {
    const all = (Object.keys(currencyDigits) as Currency[]).flatMap((currency) =>
      [currency, ...(byHand[currency] ?? []), ...[locale, ...always].flatMap((one) => symbolsOf(currency, one))].map(
        (mark): [string, Currency] => [mark.toUpperCase(), currency],
      ),
    );
    marks = new Map(all.sort(([a], [b]) => b.length - a.length));
    known.set(locale, marks);
  }
  return marks;
}

function symbolsOf(currency: Currency, locale: string): string[] {
  return (['symbol', 'narrowSymbol'] as const).flatMap((currencyDisplay) =>
    new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay })
      .formatToParts(0)
      .filter(({ type }) => type === 'currency')
      .map(({ value }) => value),
  );
}

/**
 * The text without the marks around it: `US$5` and `5 usd` are `5` where dollars are meant. Undefined when it names another currency, also
 * one that the bank does not have.
 */
export function withoutMarks(text: string, currency: Currency, locale: string): string | undefined {
  let rest = text;
  for (;;) {
    const found = findMark(rest, locale);
    if (!found) break;
    if (found.currency !== currency) return undefined;
    rest = found.rest;
  }
  return /\p{Sc}|^[A-Z]{3}\b|\b[A-Z]{3}$/u.test(rest.trim()) ? undefined : rest;
}

function findMark(text: string, locale: string): { currency: Currency; rest: string } | undefined {
  const trimmed = text.trim();
  const capitals = trimmed.toUpperCase();
  // Capitals of some letters are longer: those are no marks.
  if (capitals.length !== trimmed.length) return undefined;
  for (const [mark, currency] of marksIn(locale)) {
    if (capitals.startsWith(mark)) return { currency, rest: trimmed.slice(mark.length) };
    if (capitals.endsWith(mark)) return { currency, rest: trimmed.slice(0, -mark.length) };
  }
  return undefined;
}
