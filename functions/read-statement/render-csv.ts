// A statement as CSV (RFC 4180, UTF-8): one header row, one row per line, safe to open in a spreadsheet.
import { currencyDigits, type Currency } from '../shared/contract/money.ts';
import type { Statement, StatementLine } from './contract.ts';

const columns: Record<string, (line: StatementLine, currency: Currency) => string> = {
  transaction_id: (line) => String(line.transaction_id),
  timestamp: (line) => line.timestamp,
  effective_at: (line) => line.effective_at,
  type: (line) => line.type,
  description: (line) => textCell(line.description ?? ''),
  counterparty_account_id: (line) => String(line.counterparty_account_id ?? ''),
  amount: (line, currency) => line.amount.toFixed(currencyDigits[currency]),
  currency: (_, currency) => currency,
  balance_after: (line, currency) => line.balance_after.toFixed(currencyDigits[currency]),
};

/** Rows end in CRLF. Numbers are bare, with all decimals of the currency, so that a spreadsheet adds them up. */
export function renderCsv({ entries, currency }: Statement): string {
  const header = Object.keys(columns).join(',');
  const rows = entries.map((line) =>
    Object.values(columns)
      .map((cell) => cell(line, currency))
      .join(','),
  );
  return [header, ...rows].map((row) => `${row}\r\n`).join('');
}

/**
 * Free text, which somebody else may have written. Spreadsheets run a cell that begins with = + - @ (or their full-width forms),
 * also behind white space, as a formula; an apostrophe in front makes it text (OWASP, "CSV Injection").
 */
export function textCell(text: string): string {
  const isFormula = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) || /^[\t\r\n]/.test(text);
  const safe = isFormula ? `'${text}` : text;
  // Quoted also when it holds what other locales separate by.
  return /[",;\t\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
