// A new password: by whoever knows the old one, and with a teller's code by whoever has lost it. And one's own name and address.
import type { Page } from '@playwright/test';
import { expect, test } from './testing/bank.ts';

const newPassword = 'five other words are better';

async function enter(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('a new password signs out the other devices, and only it signs in from then on', async ({
  page,
  browser,
  baseURL,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  const device = await browser.newContext({ ...(baseURL !== undefined && { baseURL }) });
  await signIn(customer, device);
  const other = await device.newPage();
  await other.goto('/notifications');
  await expect(other.getByRole('heading', { name: 'Notifications' })).toBeVisible();

  await page.goto('/profile');
  const sessions = page.getByRole('region', { name: 'Where you are signed in' }).getByRole('listitem');
  await expect(sessions).toHaveCount(2);
  await page.getByRole('button', { name: 'Change password' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change password' });
  await dialog.getByLabel('Current password', { exact: true }).fill(customer.password);
  await dialog.getByLabel('New password', { exact: true }).fill(newPassword);
  await dialog.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password is changed.')).toBeVisible();
  await expect(sessions).toHaveCount(1);
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  await enter(other, customer);
  await expect(other.getByRole('alert')).toHaveText('The e-mail address or the password is wrong.');
  await enter(other, { ...customer, password: newPassword });
  await expect(other.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await device.close();
});

test('a wrong, a short and a weak password are refused at their fields', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Change password' }).click();
  const dialog = page.getByRole('dialog');
  const current = dialog.getByLabel('Current password', { exact: true });
  const wanted = dialog.getByLabel('New password', { exact: true });
  const change = dialog.getByRole('button', { name: 'Change password' });
  await wanted.fill('too short');
  await change.click();
  await expect(current).toHaveAccessibleDescription('Fill this in.');
  await expect(wanted).toHaveAccessibleDescription(/At least 15 characters\.$/);

  await current.fill('something else entirely');
  await wanted.fill(newPassword);
  await change.click();
  await expect(current).toHaveAccessibleDescription('This is not your password.');
  await current.fill(customer.password);
  await wanted.fill('aaaaaaaaaaaaaaaaaaaa');
  await change.click();
  await expect(wanted).toHaveAccessibleDescription(/This password is too easy to guess\.$/);
});

test('a teller gives a code once, and with it whoever has lost the password chooses a new one', async ({
  page,
  browser,
  baseURL,
  bank,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([]);
  await signIn({ name: 'Teller', ...bank.teller });
  await page.goto(`/customers/${customer.id}`);
  await page.getByRole('button', { name: 'Code for a new password' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make the code' }).click();
  await expect(dialog).toContainText('Good once, until');
  const code = await dialog.locator('code').innerText();
  await dialog.getByRole('button', { name: 'Close' }).first().click();
  await expect(page.getByText(code)).toHaveCount(0);

  const device = await browser.newContext({ ...(baseURL !== undefined && { baseURL }) });
  const theirs = await device.newPage();
  await theirs.goto('/sign-in');
  await theirs.getByRole('link', { name: 'Forgot your password?' }).click();
  const set = theirs.getByRole('button', { name: 'Set new password' });
  await set.click();
  await expect(theirs.getByLabel('One-time code')).toHaveAccessibleDescription(/Fill this in\.$/);
  await theirs.getByLabel('E-mail address').fill(customer.email);
  await theirs.getByLabel('One-time code').fill('AAAA-AAAA-AAAA');
  await theirs.getByLabel('New password', { exact: true }).fill(newPassword);
  await set.click();
  await expect(theirs.getByRole('alert')).toContainText('The address or the code is wrong');
  await theirs.getByLabel('One-time code').fill(code.toLowerCase().replaceAll('-', ' '));
  await set.click();
  await expect(theirs.getByText('Your new password is set')).toBeVisible();

  await enter(theirs, customer);
  await expect(theirs.getByRole('alert')).toHaveText('The e-mail address or the password is wrong.');
  await enter(theirs, { ...customer, password: newPassword });
  await expect(theirs.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();
  await device.close();
});

test('name, address and number are changed with the password, and one signs in by the new address', async ({
  page,
  bank,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([]);
  const email = `new-${customer.email}`;
  await signIn(customer);
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit your details' });
  const save = dialog.getByRole('button', { name: 'Save' });
  await dialog.getByLabel('Your password', { exact: true }).fill(customer.password);
  await save.click();
  await expect(dialog).toContainText('Nothing is changed yet.');

  await dialog.getByLabel('Full name').fill('Carla Newname');
  await dialog.getByLabel('Phone number').fill('+43 1 234 5678');
  await dialog.getByLabel('E-mail address').fill(bank.customers.alice.email);
  await save.click();
  await expect(dialog.getByLabel('E-mail address')).toHaveAccessibleDescription(
    'Somebody is registered with this e-mail address already.',
  );
  await dialog.getByLabel('E-mail address').fill(email);
  await save.click();
  await expect(page.getByText('Your details are changed.')).toBeVisible();
  const you = page.getByRole('region', { name: 'About you' });
  for (const fact of ['Carla Newname', email, '+43 1 234 5678']) await expect(you).toContainText(fact);

  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await enter(page, { ...customer, email });
  await expect(page.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();
});
