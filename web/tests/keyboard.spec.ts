// Everything works without a mouse, and one always sees where one is.
import { expect, test } from './testing/bank.ts';
import { tabTo } from './testing/keys.ts';

test('a transfer from the sign-in page to the receipt, by keyboard alone', async ({ page, teller }) => {
  const customer = await teller.givenCustomer([{ balance: 100 }, { account_type: 'savings' }]);
  const other = await teller.givenCustomer([{}], 'Dora Delafontaine');
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await tabTo(page, page.getByLabel('E-mail address'));
  await page.keyboard.type(customer.email);
  await tabTo(page, page.getByLabel('Password', { exact: true }));
  await page.keyboard.type(customer.password);
  await page.keyboard.press('Enter');

  await expect(page.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();
  await tabTo(page, page.getByRole('main').getByRole('link', { name: 'Transfer' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Transfer money' })).toBeVisible();
  await tabTo(page, page.getByRole('radio', { name: 'Between own accounts' }));
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: 'To somebody else' })).toBeChecked();
  await tabTo(page, page.getByLabel('Their e-mail address'));
  await page.keyboard.type(other.email);
  await tabTo(page, page.getByLabel('Amount'));
  await page.keyboard.type('12.5');
  await tabTo(page, page.getByLabel('Description'));
  await page.keyboard.type('Tickets');
  await expect(page.getByText('Dora D. takes this transfer')).toBeVisible();
  await page.keyboard.press('Enter');

  await expect(page.getByRole('heading', { name: 'Is everything right?' })).toBeVisible();
  await page.keyboard.press('Tab');
  const order = page.getByRole('button', { name: 'Transfer now' });
  await expect(order, 'it is the next thing after the heading').toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Transferred', { exact: true })).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'To the account' }));
  expect(await teller.balanceOf(other.accounts[0]?.id ?? 0)).toBe(12.5);
});

test('the first Tab reaches the way past the navigation, which leads to the content', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await page.goto(`/accounts/${customer.accounts[0]?.id}`);
  await expect(page.getByText('Booked balance')).toBeVisible();
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('main').locator(':focus')).toHaveCount(1);
  await expect(page.getByText('Booked balance')).toBeVisible();
});

test('a new page begins at its content', async ({ page, teller, signIn }) => {
  await signIn(await teller.givenCustomer([]));
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'Profile' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
});

test('a question keeps the focus while it is open, and gives it back to the button that asked', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([{}]);
  await signIn(customer);
  await page.goto(`/accounts/${customer.accounts[0]?.id}`);
  const opener = page.getByRole('main').getByRole('button', { name: 'Close account' });
  await opener.focus();
  await page.keyboard.press('Enter');
  const question = page.getByRole('dialog');
  await expect(question).toBeVisible();
  for (const key of ['Tab', 'Tab', 'Tab', 'Tab', 'Shift+Tab', 'Shift+Tab']) {
    await page.keyboard.press(key);
    await expect(question.locator(':focus')).toHaveCount(1);
  }
  await page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(opener).toBeFocused();

  await page.keyboard.press('Enter');
  await expect(question).toBeVisible();
  await tabTo(page, question.getByRole('button', { name: 'Cancel' }));
  await page.keyboard.press('Enter');
  await expect(question).toHaveCount(0);
  await expect(opener).toBeFocused();
});

test('a date is typed part by part, and chosen in the calendar with arrows', async ({ page, bank, teller, signIn }) => {
  const [account] = await teller.ask<{ id: number }[]>('GET', `/accounts?user_id=${bank.customers.alice.userId}`);
  await signIn(bank.customers.alice);
  await page.goto(`/accounts/${account?.id}/statement`);
  const from = page.getByRole('group', { name: 'From' });
  await expect(from).toBeVisible();
  const parts = from.getByRole('spinbutton');
  await tabTo(page, parts.first());
  await page.keyboard.type('10152026');
  await expect(parts).toHaveText(['10', '15', '2026']);
  await tabTo(page, parts.nth(1), 'Shift+Tab');
  await page.keyboard.press('ArrowUp');
  await expect(parts).toHaveText(['10', '16', '2026']);

  const trigger = from.getByRole('button', { name: 'Choose a date' });
  await tabTo(page, trigger);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid')).toBeVisible();
  await expect(page.getByRole('grid').locator(':focus')).toHaveText('16');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('grid').locator(':focus')).toHaveText('24');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid')).toHaveCount(0);
  await expect(parts).toHaveText(['10', '24', '2026']);
  await expect(trigger).toBeFocused();

  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('grid')).toHaveCount(0);
  await expect(trigger).toBeFocused();
  await expect(parts).toHaveText(['10', '24', '2026']);
});
