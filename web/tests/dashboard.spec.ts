// The overview: what it adds up and draws is what the bank says.
import type { Locator, Page } from '@playwright/test';
import type { Account } from '../../functions/shared/contract/account.ts';
import type { Currency, Total } from '../../functions/shared/contract/money.ts';
import type { Day } from '../../functions/read-accounts/contract.ts';
import { formatMoney } from '../src/words/format.ts';
import { expect, test, type Teller, type TestedBank } from './testing/bank.ts';

const locale = 'en-US';

test.beforeEach(async ({ page, bank, signIn }) => {
  await signIn(bank.customers.alice);
  await page.goto('/');
});

const daysOf = (bank: TestedBank, teller: Teller, currency: Currency): Promise<Day[]> =>
  teller.ask('GET', `/accounts/days?user_id=${bank.customers.alice.userId}&currency=${currency}`);

const figure = (page: Page, name: string): Locator => page.getByRole('figure', { name });

const showTable = (page: Page, name: string): Promise<void> =>
  figure(page, name).getByRole('button', { name: 'Show as table' }).click();

/** The texts of a chart's table, the newest row first. */
const tableOf = (page: Page, name: string): Promise<string[][]> =>
  figure(page, name)
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent.trim())));

test('shows each open account with booked and available balance, and totals per currency', async ({
  page,
  bank,
  teller,
}) => {
  const accounts = await teller.ask<Account[]>('GET', `/accounts?user_id=${bank.customers.alice.userId}`);
  const open = accounts.filter(({ status }) => status === 'open');
  const shownAccounts = page.getByRole('region', { name: 'Accounts' });
  for (const { id, currency, balance, available_balance } of open) {
    const card = shownAccounts.getByRole('link').filter({ hasText: `Account ${id} ` });
    await expect(card).toContainText(formatMoney(balance, currency, locale));
    await expect(card).toContainText(`${formatMoney(available_balance, currency, locale)} available`);
  }
  const totals = page.getByRole('region', { name: 'Your money' });
  for (const currency of new Set(open.map((account) => account.currency))) {
    const inIt = open.filter((account) => account.currency === currency);
    const sum = (of: (account: Account) => number): string =>
      formatMoney(Number(inIt.reduce((total, account) => total + of(account), 0).toFixed(2)), currency, locale);
    await expect(totals).toContainText(sum(({ balance }) => balance));
    await expect(totals).toContainText(`${sum(({ available_balance }) => available_balance)} available`);
  }
});

test('draws the bank’s balances of 90 days and has them as a table, in the currency that is chosen once it has come', async ({
  page,
  bank,
  teller,
}) => {
  let release = (): void => {};
  const isHeld = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/api/accounts/days?*currency=JPY*', async (route) => {
    await isHeld;
    await route.continue();
  });
  const name = 'Balance over 90 days';
  const balances = async (): Promise<(string | undefined)[]> =>
    (await tableOf(page, name)).map(([, balance]) => balance);
  const balancesIn = async (currency: Currency): Promise<string[]> =>
    (await daysOf(bank, teller, currency)).map(({ balance }) => formatMoney(balance, currency, locale)).reverse();
  await expect(figure(page, name).locator('svg path').first()).toBeVisible();
  await showTable(page, name);
  await expect.poll(balances).toEqual(await balancesIn('USD'));
  expect(await balances()).toHaveLength(90);

  const asked = page.waitForRequest(/accounts\/days\?.*currency=JPY/);
  await page.getByRole('radio', { name: 'JPY' }).check();
  await asked;
  expect(await balances(), 'dollars are not called yen').toEqual(await balancesIn('USD'));
  release();
  await expect.poll(balances).toEqual(await balancesIn('JPY'));
});

test('adds up by week what came and went, to the bank’s own sums', async ({ page, bank, teller }) => {
  const name = 'In and out by week';
  const days = await daysOf(bank, teller, 'USD');
  await expect(figure(page, name).locator('svg rect').filter({ visible: true }).first()).toBeVisible();
  await showTable(page, name);
  const rows = await tableOf(page, name);
  // 90 days touch 13 or 14 weeks.
  expect([13, 14]).toContain(rows.length);
  const written = (text = ''): number => Math.round(Number(text.replace(/[^\d.]/g, '')) * 100);
  const cents = (amount: Total): number => Math.round(Number(amount) * 100);
  const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
  const income = sum(rows.map(([, amount]) => written(amount)));
  const spending = sum(rows.map(([, , amount]) => written(amount)));
  expect(income).toBeGreaterThan(0);
  expect(income).toBe(sum(days.map(({ total_in }) => cents(total_in))));
  expect(spending).toBe(sum(days.map(({ total_out }) => cents(total_out))));
});
