// Statements of an account: of usual periods and one's own, as CSV and on paper.
import { readFile } from 'node:fs/promises';
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
    await expect(sumOf(page, 'Total in')).toContainText(dollars(said.total_in));
    await expect(sumOf(page, 'Total out')).toContainText(dollars(said.total_out));
    await expect(sumOf(page, 'Closing balance')).toContainText(dollars(said.closing_balance));
  }
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

test('the CSV file is the bank’s own, for the period on show', async ({ page, bank, teller }) => {
  const { id } = await checkingOf(bank, teller);
  const { from, to } = periodOf('lastMonth', new Date());
  await page.goto(`/accounts/${id}/statement`);
  await page.getByRole('button', { name: 'Last month' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  const said = await page.request.get(`/api/accounts/${id}/statement?from=${from}&to=${to}&format=csv`);
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toBe(await said.text());
  const { entries } = await teller.ask<Statement>('GET', `/accounts/${id}/statement?from=${from}&to=${to}`);
  expect(entries.length).toBeGreaterThan(20);
  for (const { transaction_id, balance_after } of entries) {
    expect(text).toContain(String(transaction_id));
    expect(text).toContain(balance_after.toFixed(2));
  }
  await expect(page).toHaveURL(`/accounts/${id}/statement`);
});

test('on paper there is the statement and nothing to press', async ({ page, bank, teller }) => {
  const { id } = await checkingOf(bank, teller);
  await page.goto(`/accounts/${id}/statement`);
  await page.getByRole('button', { name: 'Last 90 days' }).click();
  await expect(rowsOf(page).first()).toBeVisible();
  await page.evaluate(() => {
    window.print = () => document.body.append('printed');
  });
  await page.getByRole('button', { name: 'Print' }).click();
  await expect(page.getByText('printed')).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  for (const hidden of [page.getByRole('navigation'), page.getByRole('button'), page.getByRole('radio')]) {
    await expect(hidden).toHaveCount(0);
  }
  await expect(page.getByRole('heading', { name: `Statement of Checking ${id}` })).toBeVisible();
  await expect(rowsOf(page).first()).toBeVisible();
  const { ground, text } = await page.evaluate(() => {
    const style = getComputedStyle(document.body);
    return { ground: style.backgroundColor, text: style.color };
  });
  expect([ground, text]).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)']);
});
