// What a teller does all day: finds people, serves their accounts, undoes mistakes, and looks whether the bank owes anything.
import { expect, test } from './testing/bank.ts';

test.beforeEach(async ({ bank, signIn }) => signIn({ name: 'Teller', ...bank.teller }));

test('finds a customer by a part of the name or the address, and keeps the search on the way back', async ({
  page,
}) => {
  await page.goto('/');
  await page.getByLabel('Name or e-mail address').fill('tanaka');
  await expect(page.getByRole('link', { name: /Chiyo Tanaka/ })).toBeVisible();
  await expect(page.getByRole('link', { name: /Bob Miller/ })).toHaveCount(0);
  await page.getByRole('link', { name: /Chiyo Tanaka/ }).click();
  await expect(page.getByRole('heading', { name: 'Chiyo Tanaka' })).toBeVisible();
  await page.goBack();
  await expect(page.getByLabel('Name or e-mail address')).toHaveValue('tanaka');
  await page.getByLabel('Name or e-mail address').fill('nobody has this name');
  await expect(page.getByText('Nobody fits')).toBeVisible();
});

test('registers a customer without a password, opens an account with an overdraft, and serves it', async ({
  page,
  teller,
}) => {
  const email = `counter-${Date.now()}@example.com`;
  await page.goto('/customers/new');
  await page.getByLabel('Full name').fill('Dana Counter');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByRole('button', { name: 'Register' }).click();
  await expect(page.getByRole('heading', { name: 'Dana Counter' })).toBeVisible();

  await page.getByRole('link', { name: 'Open an account for them' }).click();
  await page.getByLabel('First deposit in cash').fill('100');
  await page.getByLabel('Overdraft limit').fill('50');
  await page.getByRole('button', { name: 'Open account' }).click();
  await expect(page.getByText('Overdraft up to $50.00')).toBeVisible();
  const accountId = Number(new URL(page.url()).pathname.split('/').at(-1));

  await page.getByRole('link', { name: 'Withdraw' }).click();
  await page.getByLabel('Amount').fill('120');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Withdraw now' }).click();
  await expect(page.getByText('Withdrawn', { exact: true })).toBeVisible();
  expect(await teller.balanceOf(accountId)).toBe(-20);
});

test('reverses a transaction once, with a reason that both sides see', async ({ page, teller }) => {
  const { accounts } = await teller.givenCustomer([{ balance: 300 }]);
  const account = accounts[0]?.id ?? 0;
  const { id } = await teller.ask<{ id: number }>('POST', '/withdrawals', { account_id: account, amount: 99.5 });
  await page.goto(`/transactions/${id}`);
  await page.getByRole('button', { name: 'Reverse' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('Booked twice');
  await dialog.getByRole('button', { name: 'Reverse' }).click();
  await expect(page.getByText('The transaction is reversed.')).toBeVisible();
  await expect(page.getByText('Booked twice')).toBeVisible();
  await page.getByRole('link', { name: `Transaction ${id}` }).click();
  await expect(page.getByText('Reversed', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Reverse' })).toHaveCount(0);
  expect(await teller.balanceOf(account)).toBe(300);
});

test('sees balanced books, no events owed, and each function with what it did', async ({ page }) => {
  await page.goto('/operations');
  await expect(page.getByText('The books balance')).toBeVisible();
  await expect(page.getByText('Every event has had its effect')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Requests per minute' })).toBeVisible();
  const row = page.getByRole('row', { name: /^sign-in/ });
  await expect(row.getByRole('cell').first()).not.toHaveText('0');
  await page.getByRole('button', { name: 'Requests', exact: true }).click();
  await expect(page.getByRole('columnheader', { name: /Requests/ })).toHaveAttribute(
    'aria-sort',
    /ascending|descending/,
  );
});

test('a customer who comes to a teller page is told whose it is', async ({ page, bank, signIn, context }) => {
  await context.clearCookies();
  await signIn(bank.customers.bob);
  for (const path of ['/customers', '/customers/new', '/operations']) {
    await page.goto(path);
    await expect(page.getByRole('link', { name: 'To the overview' }), path).toBeVisible();
    await expect(page.getByText('The books balance'), path).toHaveCount(0);
  }
});
