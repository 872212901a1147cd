// Deposit, withdraw, transfer: filled in, looked at, ordered, and a receipt at the end.
import type { Page } from '@playwright/test';
import { expect, test } from './testing/bank.ts';

const amountOf = (page: Page) => page.getByLabel('Amount');
const review = (page: Page) => page.getByRole('button', { name: 'Review' }).click();
const isReviewed = (page: Page) => expect(page.getByRole('heading', { name: 'Is everything right?' })).toBeVisible();

test('a deposit is reviewed, booked and receipted; the receipt outlives a reload', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  const account = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  await page.goto(`/accounts/${account}`);
  await page.getByRole('link', { name: 'Deposit' }).click();
  await amountOf(page).fill('1,234.50');
  await page.getByLabel('Description').fill('Sold the piano');
  await review(page);
  await isReviewed(page);
  for (const text of ['$1,234.50', `Checking ${account}`, 'Sold the piano', 'Balance after $2,234.50']) {
    await expect(page.getByRole('main')).toContainText(text);
  }
  expect(await teller.balanceOf(account)).toBe(1000);

  await page.getByRole('button', { name: 'Deposit now' }).click();
  for (const when of ['at once', 'after a reload']) {
    await expect(page.getByText('Deposited', { exact: true }), when).toBeVisible();
    await expect(page.getByText('$1,234.50', { exact: true }).first()).toBeVisible();
    await expect(page.getByText('Sold the piano')).toBeVisible();
    await page.reload();
  }
  expect(await teller.balanceOf(account)).toBe(2234.5);
  await page.getByRole('link', { name: 'To the account' }).click();
  await expect(page.getByRole('region', { name: 'Transactions' })).toContainText('Sold the piano');
});

test('a withdrawal can be changed after the review, with all fields as they were', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([{ balance: 50 }, { balance: 1000, account_type: 'savings' }]);
  const savings = customer.accounts[1]?.id ?? 0;
  await signIn(customer);
  await page.goto('/withdraw');
  await page.getByLabel('Account').selectOption({ label: `Savings ${savings} · $1,000.00` });
  await amountOf(page).fill('100');
  await page.getByLabel('Description').fill('Holiday');
  await review(page);
  await isReviewed(page);
  await page.getByRole('button', { name: 'Change' }).click();
  await expect(page.getByLabel('Account')).toHaveValue(String(savings));
  await expect(amountOf(page)).toHaveValue('100.00');
  await expect(page.getByLabel('Description')).toHaveValue('Holiday');

  await amountOf(page).fill('120');
  await review(page);
  await page.getByRole('button', { name: 'Withdraw now' }).click();
  await expect(page.getByText('Withdrawn', { exact: true })).toBeVisible();
  expect(await teller.balanceOf(savings)).toBe(880);
});

test('more than there is is found before anything is sent', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([{ balance: 99.99, overdraft_limit: 10 }]);
  await signIn(customer);
  const sent: string[] = [];
  page.on('request', (request) => request.method() === 'POST' && sent.push(request.url()));
  await page.goto('/withdraw');
  await amountOf(page).fill('110');
  await expect(amountOf(page)).toHaveAccessibleDescription(/More than the \$109\.99 available\.$/);
  await review(page);
  await expect(page.getByRole('heading', { name: 'Withdraw cash' })).toBeVisible();
  expect(sent).toEqual([]);
  await amountOf(page).fill('109.99');
  await review(page);
  await isReviewed(page);
  await expect(page.getByRole('main')).toContainText('Balance after −$10.00');
});

test('amounts that cannot be are told at the field', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([{ balance: 1000 }, { balance: 9000, currency: 'JPY' }]);
  await signIn(customer);
  await page.goto('/deposit');
  await review(page);
  await expect(amountOf(page)).toHaveAccessibleDescription('Enter an amount.');
  const findings = {
    '0': 'The amount has to be more than zero.',
    '-5': 'Leave the minus out: an amount is more than zero.',
    '1.2.3': 'Write the amount like this: $1,234.50',
    '1.005': 'At most 2 decimals.',
    '100,000,000,000,000': 'That is more than an account can hold.',
  };
  for (const [typed, finding] of Object.entries(findings)) {
    await amountOf(page).fill(typed);
    await review(page);
    await expect(amountOf(page), typed).toHaveAccessibleDescription(finding);
  }
  await page.getByLabel('Account').selectOption(String(customer.accounts[1]?.id));
  await amountOf(page).fill('12.5');
  await review(page);
  await expect(amountOf(page)).toHaveAccessibleDescription('This currency has no decimals.');
  await amountOf(page).fill('¥1,250');
  await review(page);
  await expect(page.getByRole('main')).toContainText('Balance after ¥10,250');
});

test('a transfer between own accounts offers only those in the same currency', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([
    { balance: 100 },
    { account_type: 'savings' },
    { balance: 5000, currency: 'JPY' },
  ]);
  const [checking, savings, yen] = customer.accounts.map(({ id }) => id);
  await signIn(customer);
  await page.goto(`/transfer?account=${checking}`);
  await expect(page.getByLabel('To account').getByRole('option')).toHaveText([`Savings ${savings} · $0.00`]);
  await amountOf(page).fill('40');
  await review(page);
  await expect(page.getByRole('main')).toContainText(`To account Savings ${savings}`);
  await page.getByRole('button', { name: 'Transfer now' }).click();
  await expect(page.getByText('Transferred', { exact: true })).toBeVisible();
  expect(await teller.balanceOf(checking ?? 0)).toBe(60);
  expect(await teller.balanceOf(savings ?? 0)).toBe(40);
  await page.getByRole('link', { name: 'Another one' }).click();
  await page.getByLabel('From account').selectOption(String(yen));
  await expect(page.getByText('You have no other open account in JPY.')).toBeVisible();
});

test('an account that is closed during the review is not quietly replaced by another', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([{ balance: 100 }, { account_type: 'savings' }, {}]);
  const [, savings, other] = customer.accounts.map(({ id }) => id);
  await signIn(customer);
  await page.goto('/transfer');
  await amountOf(page).fill('40');
  await review(page);
  await expect(page.getByRole('main')).toContainText(`To account Savings ${savings}`);
  await teller.ask('DELETE', `/accounts/${savings}`);
  await expect(page.getByRole('heading', { name: 'Transfer money' })).toBeVisible();
  await expect(page.getByLabel('To account')).toHaveValue(String(other));
});
