// Numbers, money and times as a language writes them. Makers of Intl formats are slow, so each is made once.
import {
  currencyDigits,
  minorOf,
  toTotal,
  type Currency,
  type Total,
} from '../../../functions/shared/contract/money.ts';

type Sign = 'auto' | 'exceptZero';

const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();

/** `amount` in units of the currency, as the API gives it. JPY is shown without decimals, KWD with three. */
export function formatMoney(amount: Total, currency: Currency, locale: string, signDisplay: Sign = 'auto'): string {
  const digits = currencyDigits[currency];
  const options: Intl.NumberFormatOptions = {
    style: 'currency',
    currency,
    signDisplay,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  };
  return withMinus(numberFormat(locale, options).format(amount));
}

/** For axes: `$1.2K`. */
export function formatMoneyShort(amount: number, currency: Currency, locale: string): string {
  const digits = { minimumFractionDigits: 0, maximumFractionDigits: 1 };
  return withMinus(
    numberFormat(locale, { style: 'currency', currency, notation: 'compact', ...digits }).format(amount),
  );
}

/** A hyphen is shorter than the plus and than a digit, and some screen readers leave it out. */
function withMinus(text: string): string {
  return text.replace('-', '\u2212');
}

export function formatNumber(value: Total, locale: string, options: Intl.NumberFormatOptions = {}): string {
  return numberFormat(locale, options).format(value);
}

const styles = {
  date: { dateStyle: 'medium' },
  day: { day: 'numeric', month: 'short' },
  dateTime: { dateStyle: 'medium', timeStyle: 'short' },
  exact: { dateStyle: 'full', timeStyle: 'long' },
  time: { timeStyle: 'medium' },
  clock: { timeStyle: 'short' },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

/** `moment` in RFC 3339, shown in the reader's time zone; `timeZone` for days that are the bank's, which are in UTC. */
export function formatTime(moment: string, locale: string, style: keyof typeof styles, timeZone?: 'UTC'): string {
  const key = `${locale}|${style}|${timeZone}`;
  let format = dateFormats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { ...styles[style], ...(timeZone && { timeZone }) });
    dateFormats.set(key, format);
  }
  return format.format(new Date(moment));
}

/** The reader's time zone by its IANA name, `Pacific/Kiritimati`. */
export function readerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** How long an answer took: `7.4 ms`, `380 ms`, `1.2 sec`. */
export function formatDuration(ms: number, locale: string): string {
  const isShort = ms < 1_000;
  return numberFormat(locale, {
    style: 'unit',
    unit: isShort ? 'millisecond' : 'second',
    maximumFractionDigits: isShort && ms >= 10 ? 0 : 1,
  }).format(isShort ? ms : ms / 1_000);
}

const ageUnits = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** How old something is, in its largest whole unit: `40 seconds`, `3 minutes`. */
export function formatAge(seconds: number, locale: string): string {
  const { unit, seconds: size } = ageUnits.find((one) => seconds >= one.seconds) ?? { unit: 'second', seconds: 1 };
  const format = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const;
  return numberFormat(locale, format).format(Math.floor(seconds / size));
}

/** Sums without binary fractions: in minor units, and back into units at the end. */
export function sumMoney(amounts: readonly Total[], currency: Currency): Total {
  return toTotal(
    amounts.reduce((sum, amount) => sum + minorOf(amount, currency), 0n),
    currency,
  );
}

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  const known = numberFormats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale, options);
  numberFormats.set(key, made);
  return made;
}
