// An account's history: page by page, filtered, with a balance that fits, down to the entries of each transaction.
import type { Locator, Page } from '@playwright/test';
import type { Transaction } from '../../functions/shared/contract/transaction.ts';
import { expect, test, type Teller } from './testing/bank.ts';
import { checkingOf } from './testing/demo-accounts.ts';

const historyOf = (page: Page): Locator => page.getByRole('region', { name: 'Transactions' });
const rowsOf = (page: Page): Locator => historyOf(page).getByRole('listitem');
const ask = (teller: Teller, id: number, more: string): Promise<Transaction[]> =>
  teller.ask<Transaction[]>('GET', `/transactions?account_id=${id}&limit=1000${more}`);
const inDollars = (text: string): number => Math.round(Number(text.replace('−', '-').replace(/[$,+]/g, '')) * 100);

/** Types a date part by part, as one does with a keyboard. */
async function typeDate(page: Page, label: string, [month, day, year]: readonly string[]): Promise<void> {
  const field = page.getByRole('group', { name: label });
  await field.getByRole('spinbutton', { name: /month/ }).click();
  await page.keyboard.type(`${month}${day}${year}`);
}

test.beforeEach(async ({ bank, signIn }) => signIn(bank.customers.alice));

test('the history grows page by page to its very beginning, each transaction once', async ({ page, bank, teller }) => {
  const { id } = await checkingOf(bank, teller);
  const all = await ask(teller, id, '');
  await page.goto(`/accounts/${id}`);
  await expect(rowsOf(page)).toHaveCount(25);
  const cursors: string[] = [];
  page.on('request', (request) => {
    const cursor = new URL(request.url()).searchParams.get('cursor');
    if (cursor !== null) cursors.push(cursor);
  });
  const more = historyOf(page).getByRole('button', { name: 'Load more' });
  for (let shown = 25; shown < all.length; shown += 25) {
    await more.click();
    await expect(rowsOf(page)).toHaveCount(Math.min(shown + 25, all.length));
  }
  await expect(more).toHaveCount(0);
  expect(new Set(cursors).size).toBe(Math.ceil(all.length / 25) - 1);
  const links = rowsOf(page).getByRole('link');
  const shownIds = await links.evaluateAll((list) => list.map((link) => link.getAttribute('href')));
  expect(shownIds).toEqual(all.map((transaction) => `/transactions/${transaction.id}`));
});

test('each balance is the one below it and what came or went in between', async ({ page, bank, teller }) => {
  const { id, balance } = await checkingOf(bank, teller);
  await page.goto(`/accounts/${id}`);
  await expect(rowsOf(page)).toHaveCount(25);
  const rows = await rowsOf(page).evaluateAll((list) =>
    list.map((row) => [...row.querySelectorAll('.number')].map((amount) => amount.textContent)),
  );
  const read = rows.map(([amount = '', after = '']) => ({ amount: inDollars(amount), after: inDollars(after) }));
  expect(read[0]?.after).toBe(Math.round(balance * 100));
  for (const [index, { amount, after }] of read.slice(0, -1).entries()) {
    expect(after - amount, `row ${index}`).toBe(read[index + 1]?.after);
  }
});

test('filters by type, words, amount and dates find what the bank finds, and can be cleared', async ({
  page,
  bank,
  teller,
}) => {
  const { id } = await checkingOf(bank, teller);
  await page.goto(`/accounts/${id}`);
  await historyOf(page).getByRole('button', { name: 'Filters' }).click();
  const showsOnly = async (query: string): Promise<void> => {
    const found = await ask(teller, id, query);
    expect(found.length).toBeGreaterThan(0);
    await expect(rowsOf(page).getByRole('link').first()).toHaveAttribute('href', `/transactions/${found[0]?.id}`);
    await expect(rowsOf(page)).toHaveCount(Math.min(found.length, 25));
  };

  await page.getByLabel('Type').selectOption('Transfer');
  await showsOnly('&type=transfer');
  await page.getByLabel('Type').selectOption('All');
  await page.getByRole('textbox', { name: 'Description' }).fill('rent');
  await showsOnly('&q=rent');
  await page.getByRole('textbox', { name: 'Description' }).fill('');
  await page.getByLabel('Amount from').fill('1,000');
  await page.getByLabel('Amount to').fill('1,200.50');
  await showsOnly('&min_amount=1000&max_amount=1200.50');
  await page.getByRole('textbox', { name: 'Description' }).fill('rent in another galaxy');
  await expect(historyOf(page).getByText('Nothing fits these filters')).toBeVisible();

  await historyOf(page).getByRole('button', { name: 'Clear filters' }).click();
  await showsOnly('');
  await expect(page.getByLabel('Amount from')).toHaveValue('');

  // A day ends at midnight where the reader is.
  const day = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10);
  const [year = '', month = '', date = ''] = day.split('-');
  await typeDate(page, 'To', [month, date, year]);
  const end = await page.evaluate(([y, m, d]) => new Date(y, m - 1, d + 1).toISOString(), [
    +year,
    +month,
    +date,
  ] as const);
  await showsOnly(`&to=${end}`);
  await typeDate(page, 'From', [month, date, String(Number(year) + 1)]);
  await expect(page.getByText('The period ends before it begins.')).toBeVisible();
});

test('a transaction shows both entries, which are zero together, and its trace', async ({ page, bank, teller }) => {
  const { id } = await checkingOf(bank, teller);
  const [transfer] = await ask(teller, id, '&type=transfer&q=my half');
  await page.goto(`/accounts/${id}`);
  await page.goto(`/transactions/${transfer?.id}`);
  const entries = page.getByRole('region', { name: 'Entries' }).getByRole('row');
  await expect(entries).toHaveCount(4);
  await expect(entries.nth(3)).toContainText('Sum$0.00');
  await expect(page.getByText(`${transfer?.trace_id}`)).toBeVisible();
  const target = entries.filter({ hasText: `Account ${transfer?.target_account_id}` });
  await expect(target, 'the balance of another customer stays theirs').toContainText('not yours to see');
  await entries.getByRole('link', { name: `Account ${id}` }).click();
  await expect(page).toHaveURL(`/accounts/${id}`);
});

test('a reversed transaction and its reversal link to each other', async ({ page, bank, teller }) => {
  const { id } = await checkingOf(bank, teller);
  const reversal = (await ask(teller, id, '&type=reversal'))[0];
  await page.goto(`/transactions/${reversal?.reverses}`);
  await expect(page.getByText('Reversed', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: `Transaction ${reversal?.id}` }).click();
  await expect(page.getByRole('heading', { name: `Transaction ${reversal?.id}` })).toBeVisible();
  await expect(page.getByText('Gym membership was booked twice')).toBeVisible();
  await page.getByRole('link', { name: `Transaction ${reversal?.reverses}` }).click();
  await expect(page.getByRole('heading', { name: `Transaction ${reversal?.reverses}` })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: `Transaction ${reversal?.id}` })).toBeVisible();
});
