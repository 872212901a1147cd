// What tellers may do to others, always with a reason: roles, freezing, overdrafts; and the audit trail that shows it.
import type { Page } from '@playwright/test';
import { axeFlaws } from './testing/axe.ts';
import { expect, test } from './testing/bank.ts';
import { settled } from './testing/pages.ts';

test.beforeEach(async ({ bank, signIn }) => signIn({ name: 'Teller', ...bank.teller }));

async function giveReason(page: Page, button: string, reason: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await expect(dialog.getByLabel('Reason')).toHaveAccessibleDescription(/Fill this in\.$/);
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await expect(dialog).toHaveCount(0);
}

test('an account is frozen and unfrozen with a reason; meanwhile money comes in, but none leaves', async ({
  page,
  context,
  bank,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([{ balance: 100 }]);
  const account = customer.accounts[0]?.id ?? 0;
  await page.goto(`/accounts/${account}`);
  await giveReason(page, 'Freeze', 'Card reported as stolen');
  await expect(page.getByText('The account is frozen.')).toBeVisible();
  await expect(page.getByText('Frozen', { exact: true })).toBeVisible();
  await page.goto(`/customers/${customer.id}`);
  await expect(page.getByRole('link', { name: new RegExp(`Account ${account}`) })).toContainText('Frozen');

  await context.clearCookies();
  await signIn(customer);
  await page.goto(`/withdraw?account=${account}`);
  await page.getByLabel('Amount').fill('5');
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByRole('combobox', { name: 'Account' })).toHaveAccessibleDescription(
    /No money leaves this account/,
  );
  await page.goto(`/accounts/${account}`);
  await expect(page.getByText('No money leaves this account.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Unfreeze' }), 'not for customers').toHaveCount(0);

  await context.clearCookies();
  await signIn({ name: 'Teller', ...bank.teller });
  await page.goto(`/accounts/${account}`);
  await giveReason(page, 'Unfreeze', 'It was found again');
  await expect(page.getByText('The account is no longer frozen.')).toBeVisible();
  await page.getByRole('link', { name: 'Audit trail' }).click();
  const entries = page.getByRole('region', { name: 'Audit trail' }).getByRole('listitem');
  await expect(entries.filter({ hasText: 'Account unfrozen' })).toContainText('It was found again');
  await expect(entries.filter({ hasText: 'Account frozen' })).toContainText('Card reported as stolen');
});

test('an overdraft limit is changed with a reason, down to none, but not below what is overdrawn', async ({
  page,
  teller,
}) => {
  const { accounts } = await teller.givenCustomer([{ balance: 10 }]);
  const account = accounts[0]?.id ?? 0;
  await page.goto(`/accounts/${account}`);
  const change = async (limit: string, reason: string): Promise<void> => {
    await page.getByRole('button', { name: 'Change overdraft limit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('New limit').fill(limit);
    await dialog.getByLabel('Reason').fill(reason);
    await dialog.getByRole('button', { name: 'Change overdraft limit' }).click();
  };
  await change('250', 'Salary comes in every month');
  await expect(page.getByText('Overdraft up to $250.00')).toBeVisible();

  await teller.ask('POST', '/withdrawals', { account_id: account, amount: 60 });
  await change('49', 'Salary is gone');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('alert')).toContainText('overdrawn by more than that already');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await teller.ask('POST', '/deposits', { account_id: account, amount: 60 });
  await change('0', 'Salary is gone');
  await expect(page.getByText('The overdraft limit is changed.').last()).toBeVisible();
  await expect(page.getByText('Overdraft up to')).toHaveCount(0);
});

test('somebody becomes a teller and stops being one; each time they sign in anew', async ({ page, teller }) => {
  const customer = await teller.givenCustomer([], 'Tina Turner');
  await page.goto(`/customers/${customer.id}`);
  await giveReason(page, 'Make a teller', 'Joins the branch');
  await expect(page.getByText('The role is changed.')).toBeVisible();
  await expect(page.getByText('Teller', { exact: true }).first()).toBeVisible();
  await giveReason(page, 'End as a teller', 'Leaves the branch');
  await expect(page.getByRole('button', { name: 'Make a teller' })).toBeVisible();

  await page.getByRole('link', { name: 'What happened to them' }).click();
  const entries = page.getByRole('region', { name: 'Audit trail' }).getByRole('listitem');
  await expect(entries.filter({ hasText: 'Leaves the branch' })).toContainText('Role changed');
  await expect(entries.filter({ hasText: 'Joins the branch' })).toContainText('Role changed');
});

test('a reversal names who did it and why; a customer sees that it was a teller', async ({
  page,
  context,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([{ balance: 300 }]);
  const account = customer.accounts[0]?.id ?? 0;
  const { id } = await teller.ask<{ id: number }>('POST', '/withdrawals', { account_id: account, amount: 20 });
  await page.goto(`/transactions/${id}`);
  await giveReason(page, 'Reverse', 'Booked twice');
  await expect(page.getByText('Requested by')).toBeVisible();
  const facts = page.locator('dl');
  await expect(facts).toContainText(/Requested by\s*First Teller/);
  await expect(facts).toContainText(/Reason\s*Booked twice/);
  const reversal = page.url();

  await context.clearCookies();
  await signIn(customer);
  await page.goto(reversal);
  await expect(facts).toContainText(/Requested by\s*Teller/);
  await expect(facts).toContainText(/Reason\s*Booked twice/);
});

test('the audit trail is one for the whole bank, filtered by act, person, thing and day, and grows page by page', async ({
  page,
  teller,
}) => {
  const customer = await teller.givenCustomer([{ balance: 100 }]);
  const account = customer.accounts[0]?.id ?? 0;
  test.setTimeout(120_000);
  for (let times = 1; times <= 14; times += 1) {
    await teller.ask('POST', `/accounts/${account}/freeze`, { reason: `Reason ${times}` });
    await teller.ask('POST', `/accounts/${account}/unfreeze`, { reason: `Back ${times}` });
  }
  await page.goto('/operations');
  await page.getByRole('link', { name: 'Audit trail' }).click();
  await expect(page.getByRole('heading', { name: 'Audit trail' })).toBeVisible();
  const trail = page.getByRole('region', { name: 'Audit trail' });
  const entries = trail.getByRole('listitem');
  await expect(entries).toHaveCount(25);

  await trail.getByRole('button', { name: 'Filters', exact: true }).click();
  await trail.getByLabel('To what').selectOption({ label: 'An account' });
  await trail.getByLabel('Its number').fill('nonsense');
  await trail.getByLabel('Its number').press('Enter');
  await expect(trail.getByLabel('Its number')).toHaveAccessibleDescription('A whole number such as 42.');
  await trail.getByLabel('Its number').fill(String(account));
  await trail.getByLabel('Its number').press('Enter');
  await expect(entries.first()).toContainText('Back 14');
  await page.getByRole('button', { name: 'Load more' }).click();
  await expect(entries.filter({ hasText: 'Account opened for somebody' })).toHaveCount(1);
  await expect(entries).toHaveCount(29);

  await trail.getByLabel('What was done').selectOption({ label: 'Account frozen' });
  await expect(entries).toHaveCount(14);
  await expect(page).toHaveURL(/act=account\.frozen/);
  await entries.first().getByText('Details').click();
  await expect(entries.first()).toContainText(/Session\s*[0-9a-f-]{36}/);
  await expect(entries.first()).toContainText(/Trace\s*[0-9a-f]{32}/);
  await settled(page);
  expect(await axeFlaws(page)).toEqual([]);

  await page.reload();
  await expect(entries, 'the address says what is looked for').toHaveCount(14);
  await expect(trail.getByText(`Account ${account}`).first()).toBeVisible();
  await trail.getByRole('button', { name: 'Filters', exact: true }).click();
  await trail.getByLabel('By whom: customer number').fill(String(customer.id));
  await trail.getByLabel('By whom: customer number').press('Enter');
  await expect(page.getByText('Nothing fits')).toBeVisible();
  await trail.getByRole('button', { name: 'Clear filters' }).click();
  await expect(entries).toHaveCount(25);
});
