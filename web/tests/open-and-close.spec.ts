// Accounts come and go: opened in currencies with two, no and three decimals, and closed once they are empty.
import { expect, test } from './testing/bank.ts';

const rows = [
  { currency: 'USD', type: 'Checking', typed: '1,234.50', written: '1,234.50', shown: '$1,234.50', balance: 1234.5 },
  { currency: 'JPY', type: 'Savings', typed: '120000', written: '120,000', shown: '¥120,000', balance: 120_000 },
  { currency: 'KWD', type: 'Business', typed: '12.345', written: '12.345', shown: 'KWD 12.345', balance: 12.345 },
];

for (const { currency, type, typed, written, shown, balance } of rows) {
  test(`opens a ${type.toLowerCase()} account in ${currency} with ${shown}`, async ({ page, teller, signIn }) => {
    await signIn(await teller.givenCustomer([]));
    await page.goto('/accounts/new');
    await page.getByRole('radio', { name: type }).check();
    await page.getByLabel('Currency').selectOption(currency);
    await page.getByLabel('First deposit in cash').fill(typed);
    await page.getByLabel('First deposit in cash').blur();
    await expect(page.getByLabel('First deposit in cash')).toHaveValue(written);
    await page.getByRole('button', { name: 'Open account' }).click();

    await expect(page.getByText('The account is open.')).toBeVisible();
    await expect(page.getByRole('heading', { name: new RegExp(`^${type} \\d+$`) })).toBeVisible();
    await expect(page.getByText(shown).first()).toBeVisible();
    expect(await teller.balanceOf(Number(new URL(page.url()).pathname.split('/').at(-1)))).toBe(balance);
  });
}

test('decimals that a currency does not have are told at the field, and nothing is opened', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  await page.goto('/accounts/new');
  await page.getByLabel('Currency').selectOption('JPY');
  await page.getByLabel('First deposit in cash').fill('100.5');
  await page.getByRole('button', { name: 'Open account' }).click();
  await expect(page.getByLabel('First deposit in cash')).toHaveAccessibleDescription('This currency has no decimals.');
  await page.getByLabel('Currency').selectOption('KWD');
  await page.getByLabel('First deposit in cash').fill('1.2345');
  await expect(page.getByLabel('First deposit in cash')).toHaveAccessibleDescription('At most 3 decimals.');
  await page.getByRole('button', { name: 'Open account' }).click();
  expect(await teller.ask('GET', `/accounts?user_id=${customer.id}`)).toEqual([]);
});

test('an account with money in it is not closed, and says how much it holds', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([{ balance: 12.5 }]);
  await signIn(customer);
  await page.goto(`/accounts/${customer.accounts[0]?.id}`);
  await page.getByRole('button', { name: 'Close account' }).click();
  const question = page.getByRole('dialog', { name: 'Close this account?' });
  await expect(question).toContainText('It still holds $12.50. Move that first');
  await expect(question.getByRole('button', { name: 'Close account' })).toHaveCount(0);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Close account' })).toBeFocused();
});

test('an empty account is closed, can still be read, and is gone from the forms', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([{}, { balance: 5, account_type: 'savings' }]);
  const [empty, full] = customer.accounts;
  await signIn(customer);
  await page.goto(`/accounts/${empty?.id}`);
  await page.getByRole('button', { name: 'Close account' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Close account' }).click();
  await expect(page.getByText('The account is closed.')).toBeVisible();
  await expect(page.getByText('Closed', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Close account' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Deposit' })).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Transactions' }).getByText('Closing')).toBeVisible();

  await page.goto(`/deposit?account=${empty?.id}`);
  await expect(page.getByLabel('Account').getByRole('option')).toHaveText([`Savings ${full?.id} · $5.00`]);
});
