// Statements of an account: of usual periods and one's own, as CSV and on paper.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import type { Statement } from '../../functions/read-statement/contract.ts';
import { periodOf } from '../src/statement/periods.ts';
import { checkingOf } from './testing/demo-accounts.ts';
import { expect, test } from './testing/bank.ts';

const rowsOf = (page: Page) => page.getByRole('table').locator('tbody').getByRole('row');
const sumOf = (page: Page, name: string) =>
  page.locator('dl > div').filter({ has: page.getByText(name, { exact: true }) });
const dollars = (amount: number): string =>
  amount.toLocaleString('en-US', { style: 'currency', currency: 'USD' }).replace('-', '−');

/** Types a day part by part: month, day, year. */
async function typeDay(page: Page, label: string, day: string): Promise<void> {
  const [year = '', month = '', date = ''] = day.split('-');
  await page.getByRole('group', { name: label }).getByRole('spinbutton', { name: /month/ }).click();
  await page.keyboard.type(month + date + year);
}

/** Pages are apart by form feeds. */
async function textOfPdf(pdf: Buffer): Promise<string> {
  const reading = promisify(execFile)('pdftotext', ['-layout', '-', '-']);
  reading.child.stdin?.end(pdf);
  return (await reading).stdout;
}

test.beforeEach(async ({ bank, signIn }) => signIn(bank.customers.alice));

const presets = {
  thisMonth: 'This month',
  lastMonth: 'Last month',
  last90: 'Last 90 days',
  thisYear: 'This year',
} as const;

test('each usual period shows what the bank says of it, and the sums fit', async ({ page, bank, teller }) => {
  const { id } = await checkingOf(bank, teller);
  await page.goto(`/accounts/${id}/statement`);
  for (const [preset, text] of Object.entries(presets)) {
    const { from, to } = periodOf(preset as keyof typeof presets, new Date());
    const said = await teller.ask<Statement>('GET', `/accounts/${id}/statement?from=${from}&to=${to}`);
    await page.getByRole('button', { name: text }).click();
    await expect(rowsOf(page)).toHaveCount(said.entries.length);
    await expect(sumOf(page, 'Opening balance')).toContainText(dollars(said.opening_balance));
    await expect(sumOf(page, 'Total in')).toContainText(dollars(Number(said.total_in)));
    await expect(sumOf(page, 'Total out')).toContainText(dollars(Number(said.total_out)));
    await expect(sumOf(page, 'Closing balance')).toContainText(dollars(said.closing_balance));
  }
});

test('sums and totals that no double holds are shown to the last cent', async ({ page, teller, signIn }) => {
  const most = 9_999_999_999_999.99;
  const ada = await teller.givenCustomer([{ balance: most }, { balance: 0 }]);
  const [one, other] = ada.accounts;
  if (!one || !other) throw new Error('there are two');
  for (let turn = 0; turn < 9; turn++) {
    await teller.ask('POST', '/transfers', { account_id: one.id, target_account_id: other.id, amount: most });
    await teller.ask('POST', '/transfers', { account_id: other.id, target_account_id: one.id, amount: most });
  }
  await signIn(ada);
  await page.goto(`/accounts/${one.id}/statement`);
  await expect(sumOf(page, 'Total in')).toContainText('$99,999,999,999,999.90');
  await expect(sumOf(page, 'Total out')).toContainText('$89,999,999,999,999.91');
  await expect(sumOf(page, 'Closing balance')).toContainText('$9,999,999,999,999.99');
});

test('a period of one’s own is typed; one that ends before it begins shows and offers nothing', async ({
  page,
  bank,
  teller,
}) => {
  const { id } = await checkingOf(bank, teller);
  const day = periodOf('lastMonth', new Date()).to;
  const said = await teller.ask<Statement>('GET', `/accounts/${id}/statement?from=${day.slice(0, 8)}10&to=${day}`);
  await page.goto(`/accounts/${id}/statement`);
  await typeDay(page, 'From', `${day.slice(0, 8)}10`);
  await typeDay(page, 'To', day);
  await expect(rowsOf(page)).toHaveCount(said.entries.length);
  await expect(sumOf(page, 'Closing balance')).toContainText(dollars(said.closing_balance));

  await typeDay(page, 'To', `${day.slice(0, 8)}09`);
  await expect(page.getByText('The period ends before it begins.')).toBeVisible();
  await expect(page.getByRole('table')).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Download CSV' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Download CSV' })).toBeDisabled();
});

test('a day typed digit by digit asks the bank once, for that day', async ({ page, bank, teller }) => {
  const { id } = await checkingOf(bank, teller);
  await page.goto(`/accounts/${id}/statement`);
  await expect(page.getByRole('heading', { name: `Statement of Checking ${id}` })).toBeVisible();
  const day = `${new Date().getUTCFullYear()}-01-01`;
  const asked: (string | null)[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname.endsWith('/statement') && url.pathname.startsWith('/api/'))
      asked.push(url.searchParams.get('from'));
  });
  await typeDay(page, 'From', day);
  await expect.poll(() => asked).toEqual([day]);
});

for (const [name, ending, start] of [
  ['Download OFX', 'ofx', '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<?OFX OFXHEADER="200"'],
  ['Download camt.053 (ISO 20022)', 'camt053.xml', '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns='],
  ['Download QIF', 'qif', '!Account\nNmicrobank checking '],
] as const) {
  test(`${name} gives the statement on show as that file`, async ({ page, bank, teller }) => {
    const { id } = await checkingOf(bank, teller);
    await page.goto(`/accounts/${id}/statement`);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(new RegExp(`^statement-${id}-.*\\.${ending}$`));
    expect((await readFile(await file.path(), 'utf8')).startsWith(start)).toBe(true);
  });
}

test('a period that is too long is refused in words instead of the statement before', async ({
  page,
  bank,
  teller,
}) => {
  const { id } = await checkingOf(bank, teller);
  await page.goto(`/accounts/${id}/statement`);
  await page.getByRole('button', { name: 'Last 90 days' }).click();
  await expect(rowsOf(page).first()).toBeVisible();
  await typeDay(page, 'From', '2020-01-01');
  await expect(page.getByRole('alert')).toContainText('The period is too long: at most 366 days.');
  await expect(page.getByRole('table')).toHaveCount(0);
  await page.getByRole('button', { name: 'Last 90 days' }).click();
  await expect(rowsOf(page).first()).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('the CSV file is the bank’s own, as the reader’s spreadsheet takes it, for the period on show', async ({
  page,
  bank,
  teller,
}) => {
  const { id } = await checkingOf(bank, teller);
  const { from, to } = periodOf('lastMonth', new Date());
  await page.goto(`/accounts/${id}/statement`);
  await page.getByRole('button', { name: 'Last month' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  const said = await page.request.get(
    `/api/accounts/${id}/statement?from=${from}&to=${to}&format=csv&csv_style=comma-point`,
  );
  const text = await readFile(await file.path(), 'utf8');
  expect(text.startsWith('\uFEFFtransaction_id,')).toBe(true);
  expect(text).toBe(await said.text());
  const { entries } = await teller.ask<Statement>('GET', `/accounts/${id}/statement?from=${from}&to=${to}`);
  expect(entries.length).toBeGreaterThan(20);
  for (const { transaction_id, balance_after } of entries) {
    expect(text).toContain(String(transaction_id));
    expect(text).toContain(balance_after.toFixed(2));
  }
  await expect(page).toHaveURL(`/accounts/${id}/statement`);
});

test.describe('for a German reader', () => {
  test.use({ locale: 'de-DE' });

  test('the CSV file has semicolons and decimal commas', async ({ page, bank, teller }) => {
    const { id } = await checkingOf(bank, teller);
    await page.goto(`/accounts/${id}/statement`);
    await page.getByRole('button', { name: 'Letzte 90 Tage' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'CSV herunterladen' }).click();
    const [header = '', first = ''] = (await readFile(await (await download).path(), 'utf8')).split('\r\n');
    expect(header).toMatch(/^\uFEFFtransaction_id;timestamp;/);
    expect(first).toMatch(/;-?\d+,\d\d;USD;-?\d+,\d\d$/);
  });
});

test('on paper there is the statement and nothing to press', async ({ page, bank, teller }) => {
  const { id } = await checkingOf(bank, teller);
  await page.goto(`/accounts/${id}/statement`);
  await page.getByRole('button', { name: 'Last 90 days' }).click();
  await expect(rowsOf(page).first()).toBeVisible();
  await page.evaluate(() => {
    window.print = () => (document.title = 'printed');
  });
  await page.getByRole('button', { name: 'Print' }).click();
  await expect(page).toHaveTitle('printed');
  await page.emulateMedia({ media: 'print' });
  for (const hidden of [page.getByRole('navigation'), page.getByRole('button'), page.getByRole('radio')]) {
    await expect(hidden).toHaveCount(0);
  }
  await expect(page.getByRole('heading', { name: `Statement of Checking ${id}` })).toBeVisible();
  await expect(rowsOf(page).first()).toBeVisible();
  const fact = (name: string) => page.locator('dl.facts > div').filter({ has: page.getByText(name, { exact: true }) });
  for (const [name, value] of [
    ['Bank', 'microbank'],
    ['Account holder', bank.customers.alice.name],
    ['Account number', String(id)],
    ['Currency', 'USD'],
    ['Time zone', 'UTC'],
  ] as const) {
    await expect(fact(name)).toContainText(value);
  }
  const paper = await textOfPdf(await page.pdf({ format: 'A5', printBackground: true }));
  const pages = paper.split('\f').filter((sheet) => sheet.trim() !== '');
  expect(pages.length).toBeGreaterThan(1);
  for (const [index, sheet] of pages.entries()) expect(sheet).toContain(`${index + 1} / ${pages.length}`);
  const { ground, text } = await page.evaluate(() => {
    const style = getComputedStyle(document.body);
    return { ground: style.backgroundColor, text: style.color };
  });
  expect([ground, text]).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)']);
});
