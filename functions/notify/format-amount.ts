// Writes an amount as the original system's messages do: $1500.00, no thousands separators; other currencies by their code.
import { currencyDigits } from '../shared/money.ts';

const decimalsByCode = new Map<string, number>(Object.entries(currencyDigits));

/**
 * `amount` is a JSON number in units of the currency, exact to its last decimal (at most 15 significant digits). The shortest
 * text that reads back as that number is the amount that was sent, so nothing is calculated here.
 * Throws a fault for an unknown currency and for more decimals than the currency has.
 */
export function formatAmount(amount: number, currency: string): string {
  const decimals = decimalsByCode.get(currency);
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(String(Math.abs(amount))) ?? [];
  if (decimals === undefined || whole === undefined || fraction.length > decimals) {
    throw new Error(`not an amount of ${currency}: ${amount}`);
  }

  const sign = amount < 0 ? '-' : '';
  const digits = decimals > 0 ? `${whole}.${fraction.padEnd(decimals, '0')}` : whole;
  return currency === 'USD' ? `${sign}$${digits}` : `${currency} ${sign}${digits}`;
}
