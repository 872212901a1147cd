// The bank itself stands still, dies, or loses its database while somebody gives an order: it is carried out once all the same.
import type { Page } from '@playwright/test';
import type { Customer } from '../testing/bank.ts';
import { expect, test } from '../testing/own-bank.ts';

test.setTimeout(120_000);

async function prepareDeposit(page: Page, { accounts }: Customer): Promise<void> {
  await page.goto(`/deposit?account=${accounts[0]?.id}`);
  await page.getByLabel('Amount').fill('25');
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByRole('button', { name: 'Deposit now' })).toBeVisible();
}

test('a bank that stands still is waited for, with a word about it', async ({ page, own, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await prepareDeposit(page, customer);
  process.kill(own.bank.pid, 'SIGSTOP');
  try {
    await page.getByRole('button', { name: 'Deposit now' }).click();
    await expect(page.getByText('A function is waking up from zero')).toBeVisible();
  } finally {
    process.kill(own.bank.pid, 'SIGCONT');
  }
  await expect(page.getByText('Deposited', { exact: true })).toBeVisible();
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1025);
});

test('an order to a bank that is killed is carried out by the next one', async ({ page, own, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await prepareDeposit(page, customer);
  process.kill(own.bank.pid, 'SIGKILL');
  await page.getByRole('button', { name: 'Deposit now' }).click();
  await expect(page.getByText('no connection. It is kept', { exact: false })).toBeVisible();
  await expect(page.getByText('Not live')).toBeVisible();

  await own.again();
  await expect(page.getByText('Deposited', { exact: true })).toBeVisible({ timeout: 40_000 });
  await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 40_000 });
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1025);
});

test('an order survives a PostgreSQL that is killed', async ({ page, own, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await prepareDeposit(page, customer);
  process.kill(own.bank.postgresPid, 'SIGKILL');
  await page.getByRole('button', { name: 'Deposit now' }).click();
  await expect(page.getByText('Deposited', { exact: true })).toBeVisible({ timeout: 60_000 });
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1025);
});
