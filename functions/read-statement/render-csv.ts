// A statement as CSV (RFC 4180, UTF-8): one header row, one row per line, safe to open in a spreadsheet.
import { currencyDigits, type Currency } from '../shared/contract/money.ts';
import type { CsvStyle, Statement, StatementLine } from './contract.ts';
import { textCell } from './text-cell.ts';

type Style = { separator: ',' | ';'; decimalSign: '.' | ','; mark: '' | '\uFEFF' };

const styles: Readonly<Record<CsvStyle, Style>> = {
  plain: { separator: ',', decimalSign: '.', mark: '' },
  'comma-point': { separator: ',', decimalSign: '.', mark: '\uFEFF' },
  'semicolon-comma': { separator: ';', decimalSign: ',', mark: '\uFEFF' },
  'semicolon-point': { separator: ';', decimalSign: '.', mark: '\uFEFF' },
};

type Money = (amount: number) => string;

const columns: Record<string, (line: StatementLine, money: Money, currency: Currency) => string> = {
  transaction_id: (line) => String(line.transaction_id),
  timestamp: (line) => line.timestamp,
  effective_at: (line) => line.effective_at,
  type: (line) => line.type,
  description: (line) => textCell(line.description ?? ''),
  counterparty_account_id: (line) => String(line.counterparty_account_id ?? ''),
  amount: (line, money) => money(line.amount),
  currency: (_line, _money, currency) => currency,
  balance_after: (line, money) => money(line.balance_after),
};

/** Rows end in CRLF. Numbers are bare, with all decimals of the currency, so that a spreadsheet adds them up. */
export function renderCsv({ entries, currency }: Statement, style: CsvStyle): string {
  const { separator, decimalSign, mark } = styles[style];
  const money: Money = (amount) => amount.toFixed(currencyDigits[currency]).replace('.', decimalSign);
  const header = Object.keys(columns).join(separator);
  const rows = entries.map((line) =>
    Object.values(columns)
      .map((cell) => cell(line, money, currency))
      .join(separator),
  );
  return mark + [header, ...rows].map((row) => `${row}\r\n`).join('');
}
