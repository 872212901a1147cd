// An account as it was at any moment, chosen with a slider.
import type { Page } from '@playwright/test';
import type { Account } from '../../functions/shared/contract/account.ts';
import { checkingOf } from './testing/demo-accounts.ts';
import { expect, test } from './testing/bank.ts';

const sliderOf = (page: Page) => page.getByRole('slider', { name: 'Moment' });
const balanceThen = (page: Page) => page.getByText('Balance then').locator('..');
const dollars = (amount: number): string =>
  amount.toLocaleString('en-US', { style: 'currency', currency: 'USD' }).replace('-', '−');

test.beforeEach(async ({ bank, signIn }) => signIn(bank.customers.alice));

test('the slider goes back by keyboard, and the balance is the bank’s as of that moment', async ({
  page,
  bank,
  teller,
}) => {
  const { id, balance } = await checkingOf(bank, teller);
  await page.goto(`/accounts/${id}/time-travel`);
  await expect(balanceThen(page)).toContainText(dollars(balance));
  await sliderOf(page).focus();
  for (const keys of ['ArrowLeft ArrowLeft ArrowLeft', 'PageDown ArrowLeft', 'PageDown PageDown ArrowRight']) {
    for (const key of keys.split(' ')) await page.keyboard.press(key);
    const moment = new Date(Number(await sliderOf(page).inputValue())).toISOString();
    const was = await teller.ask<Account>('GET', `/accounts/${id}?as_of=${moment}`);
    await expect(balanceThen(page)).toContainText(dollars(was.balance));
    const shown = (await sliderOf(page).getAttribute('aria-valuetext')) ?? '';
    await expect(page.getByRole('heading', { name: `As of ${shown}` })).toBeVisible();
    const latest = await teller.ask<{ id: number }[]>('GET', `/transactions?account_id=${id}&to=${moment}&limit=1`);
    const first = page.getByRole('region', { name: 'Latest entries then' }).getByRole('link').first();
    await expect(first).toHaveAttribute('href', `/transactions/${latest[0]?.id}`);
  }
});

test('before it was opened the account did not exist; Now leads back', async ({ page, bank, teller }) => {
  const { id, balance } = await checkingOf(bank, teller);
  await page.goto(`/accounts/${id}/time-travel`);
  await expect(balanceThen(page)).toContainText(dollars(balance));
  await sliderOf(page).press('Home');
  await expect(page.getByText('This account did not exist yet.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Latest entries then' })).toContainText('No transactions yet');
  await page.getByRole('button', { name: 'One day earlier' }).click();
  await expect(page.getByText('This account did not exist yet.')).toBeVisible();
  await page.getByRole('button', { name: 'Now', exact: true }).click();
  await expect(balanceThen(page)).toContainText(dollars(balance));
  await sliderOf(page).press('Home');
  await sliderOf(page).press('End');
  await expect(balanceThen(page)).toContainText(dollars(balance));
});

test('a day earlier and a day later are a day apart', async ({ page, bank, teller }) => {
  const { id } = await checkingOf(bank, teller);
  await page.goto(`/accounts/${id}/time-travel`);
  const chosen = async (): Promise<number> => Number(await sliderOf(page).inputValue());
  const now = await chosen();
  await page.getByRole('button', { name: 'One day earlier' }).click();
  await expect.poll(chosen).toBeLessThan(now);
  const was = await teller.ask<Account>('GET', `/accounts/${id}?as_of=${new Date(now - 86_400_000).toISOString()}`);
  await expect(balanceThen(page)).toContainText(dollars(was.balance));
  await page.getByRole('button', { name: 'One day later' }).click();
  await expect.poll(chosen).toBe(now);
});
