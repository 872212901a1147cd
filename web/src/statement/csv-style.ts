// How a spreadsheet where the reader is separates the cells of a CSV file and writes decimals.
import type { CsvStyle } from '../../../functions/read-statement/contract.ts';

/** Regions that write decimal points and yet separate lists by semicolons (Unicode CLDR has no list separator; Windows' settings have). */
const semicolonBesidePoint: readonly string[] = ['CH', 'LI'];

/** `locale` as a browser names it, `de-CH`. Where decimals are written with a comma, it cannot separate cells as well. */
export function csvStyleOf(locale: string): CsvStyle {
  const parts = new Intl.NumberFormat(locale).formatToParts(1.5);
  if (parts.some(({ type, value }) => type === 'decimal' && value === ',')) return 'semicolon-comma';
  const { region } = new Intl.Locale(locale).maximize();
  return region !== undefined && semicolonBesidePoint.includes(region) ? 'semicolon-point' : 'comma-point';
}
