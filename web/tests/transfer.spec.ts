// To whom money can be sent: by e-mail address, by account number, and again to whoever got some before.
import type { Page } from '@playwright/test';
import { expect, test } from './testing/bank.ts';

const amountOf = (page: Page) => page.getByLabel('Amount');
const review = (page: Page) => page.getByRole('button', { name: 'Review' }).click();
const recipientOf = (page: Page) => page.getByLabel('Their e-mail address');

test('a recipient is found by e-mail address, shown by a shortened name, and kept through a change', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const other = await teller.givenCustomer([{}], 'Dora Delafontaine');
  const target = other.accounts[0]?.id ?? 0;
  await signIn(customer);
  await page.goto('/transfer');
  await page.getByRole('radio', { name: 'To somebody else' }).check();
  await recipientOf(page).fill(other.email.toUpperCase());
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByText('Dora D. takes this transfer')).toBeVisible();
  await amountOf(page).fill('15');
  await page.getByLabel('Description').fill('Dinner');
  await review(page);
  await expect(page.getByRole('main')).toContainText(`To account Dora D. · Account ${target}`);
  await page.getByRole('button', { name: 'Change' }).click();
  await expect(page.getByRole('radio', { name: 'To somebody else' })).toBeChecked();
  await expect(recipientOf(page)).toHaveValue(other.email.toUpperCase());

  await amountOf(page).fill('20');
  await review(page);
  await expect(page.getByRole('main')).toContainText(`To account Dora D. · Account ${target}`);
  await expect(page.getByRole('main')).not.toContainText('Delafontaine');
  await page.getByRole('button', { name: 'Transfer now' }).click();
  await expect(page.getByText('Transferred', { exact: true })).toBeVisible();
  expect(await teller.balanceOf(target)).toBe(20);
});

test('pressing Enter in the address, or going on to the amount, finds the recipient as well', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const other = await teller.givenCustomer([{}], 'Dora Delafontaine');
  await signIn(customer);
  await page.goto('/transfer');
  await page.getByRole('radio', { name: 'To somebody else' }).check();
  await recipientOf(page).fill(other.email);
  await recipientOf(page).press('Enter');
  await expect(page.getByText('Dora D. takes this transfer')).toBeVisible();
  await recipientOf(page).fill('nobody@example.com');
  await expect(page.getByText('Dora D. takes this transfer')).toHaveCount(0);
  await amountOf(page).fill('15');
  await expect(recipientOf(page)).toHaveAccessibleDescription(
    'Nobody with this address has an account in this currency.',
  );
  await recipientOf(page).fill(other.email);
  await expect(recipientOf(page)).not.toHaveAttribute('aria-invalid');
  await amountOf(page).focus();
  await expect(page.getByText('Dora D. takes this transfer')).toBeVisible();
});

test('an unknown address, half an address and none are told at the field', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await page.goto('/transfer');
  await page.getByRole('radio', { name: 'To somebody else' }).check();
  await amountOf(page).fill('15');
  await review(page);
  await expect(recipientOf(page)).toHaveAccessibleDescription('Write an address such as alice@example.com.');
  await recipientOf(page).fill('dora@');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(recipientOf(page)).toHaveAccessibleDescription('Write an address such as alice@example.com.');
  await recipientOf(page).fill('nobody@example.com');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(recipientOf(page)).toHaveAccessibleDescription(
    'Nobody with this address has an account in this currency.',
  );
  await review(page);
  await expect(page.getByRole('heading', { name: 'Transfer money' })).toBeVisible();
});

test('a recipient is looked for again in the currency of another account', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([{ balance: 100 }, { balance: 9000, currency: 'JPY' }]);
  const other = await teller.givenCustomer([{ currency: 'JPY' }], 'Dora Delafontaine');
  await signIn(customer);
  await page.goto(`/transfer?account=${customer.accounts[0]?.id}`);
  await page.getByRole('radio', { name: 'To somebody else' }).check();
  await recipientOf(page).fill(other.email);
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(recipientOf(page)).toHaveAccessibleDescription(/^Nobody with this address/);
  await page.getByLabel('From account').selectOption(String(customer.accounts[1]?.id));
  await expect(page.getByText('Dora D. takes this transfer')).toBeVisible();
});

test('a transfer to an account number works, and offers the recipient again next time', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const other = await teller.givenCustomer([{}]);
  const [from, target] = [customer.accounts[0]?.id ?? 0, other.accounts[0]?.id ?? 0];
  await signIn(customer);
  await page.goto('/transfer');
  await page.getByRole('radio', { name: 'To an account number' }).check();
  const number = page.getByRole('textbox', { name: 'Account number' });
  await amountOf(page).fill('30');
  for (const [typed, finding] of [
    ['', 'An account number is a whole number such as 42.'],
    ['4x2', 'An account number is a whole number such as 42.'],
    [String(from), 'Choose another account than the first.'],
  ] as const) {
    await number.fill(typed);
    await review(page);
    await expect(number).toHaveAccessibleDescription(finding);
  }
  await number.fill(String(target));
  await page.getByLabel('Description').fill('Rent share');
  await review(page);
  await page.getByRole('button', { name: 'Transfer now' }).click();
  await expect(page.getByText('Transferred', { exact: true })).toBeVisible();
  expect(await teller.balanceOf(target)).toBe(30);

  await page.getByRole('link', { name: 'Another one' }).click();
  await page.getByRole('radio', { name: 'To somebody else' }).check();
  const recent = page.getByRole('list', { name: 'Recent recipients' });
  await recent.getByRole('button', { name: `Account ${target} · Rent share` }).click();
  await expect(number).toHaveValue(String(target));
});

test('a payee that cannot receive is refused at its field, with the form as it was', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await page.goto('/transfer');
  await page.getByRole('radio', { name: 'To an account number' }).check();
  await page.getByRole('textbox', { name: 'Account number' }).fill('999999999');
  await amountOf(page).fill('30');
  await review(page);
  await page.getByRole('button', { name: 'Transfer now' }).click();
  await expect(page.getByRole('alert')).toContainText('This payee cannot receive this transfer.');
  await expect(page.getByRole('textbox', { name: 'Account number' })).toHaveValue('999999999');
  await expect(amountOf(page)).toHaveValue('30.00');
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1000);
});
