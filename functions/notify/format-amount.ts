// Amounts as notify tells them: $1500.00 as in the original system's messages, other currencies by their code; and in minor units.
import { currencyDigits } from '../shared/contract/money.ts';

const decimalsByCode = new Map<string, number>(Object.entries(currencyDigits));

/**
 * `amount` is a JSON number in units of the currency, exact to its last decimal (at most 15 significant digits); there are no
 * thousands separators. Throws a fault for an unknown currency and for more decimals than the currency has.
 */
export function formatAmount(amount: number, currency: string): string {
  const { sign, whole, fraction } = readAmount(amount, currency);
  const digits = fraction === '' ? whole : `${whole}.${fraction}`;
  return currency === 'USD' ? `${sign}$${digits}` : `${currency} ${sign}${digits}`;
}

/** The same amount in minor units, for the table. Throws a fault as formatAmount does, and for what a number cannot hold exactly. */
export function toMinor(amount: number, currency: string): number {
  const { sign, whole, fraction } = readAmount(amount, currency);
  const amountMinor = Number(sign + whole + fraction);
  if (!Number.isSafeInteger(amountMinor)) throw new Error(`not an amount of ${currency}: ${amount}`);
  return amountMinor;
}

/** The shortest text that reads back as the number is the amount that was sent, so nothing is calculated here. */
function readAmount(amount: number, currency: string): { sign: '-' | ''; whole: string; fraction: string } {
  const decimals = decimalsByCode.get(currency);
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(String(Math.abs(amount))) ?? [];
  if (decimals === undefined || whole === undefined || fraction.length > decimals) {
    throw new Error(`not an amount of ${currency}: ${amount}`);
  }

  return { sign: amount < 0 ? '-' : '', whole, fraction: fraction.padEnd(decimals, '0') };
}
