// A second way in, and for tellers a second step: passkeys, kept by Chromium's virtual authenticator.
import type { Page } from '@playwright/test';
import { giveAuthenticator } from './testing/authenticator.ts';
import { expect, test, type Teller } from './testing/bank.ts';

type Person = { email: string; password: string };

async function addPasskey(page: Page, name: string, { password }: Person): Promise<void> {
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog.getByLabel('Your password', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Create passkey' }).click();
}

async function enter(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function signOut(page: Page): Promise<void> {
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
}

async function givenTeller(teller: Teller): Promise<Person & { name: string }> {
  const person = { name: 'Theo Teller', email: `teller-${process.pid}-${Date.now()}@example.com` };
  const password = 'four unrelated words do';
  await teller.ask('POST', '/users', { ...person, password, role: 'teller' });
  return { ...person, password };
}

const passkeysOf = (page: Page) => page.getByRole('region', { name: 'Passkeys' });

test('somebody adds a passkey, signs in with it alone, and takes it away again', async ({ page, teller, signIn }) => {
  const device = await giveAuthenticator(page);
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  await addPasskey(page, 'My phone', customer);
  await expect(page.getByText('The passkey is added.')).toBeVisible();
  expect(await device.count()).toBe(1);
  await expect(passkeysOf(page)).toContainText('My phone');
  await expect(passkeysOf(page)).toContainText('not used yet');

  await signOut(page);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();

  await page.goto('/profile');
  await expect(passkeysOf(page)).toContainText('last used');
  await page.getByRole('button', { name: 'Remove the passkey My phone' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('The passkey is removed.')).toBeVisible();
  await expect(passkeysOf(page)).toContainText('No passkey yet');

  await signOut(page);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByRole('alert')).toContainText('This passkey was not accepted.');
});

test('a device that has one already says so, and a wrong password makes none', async ({ page, teller, signIn }) => {
  const device = await giveAuthenticator(page);
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  await addPasskey(page, 'Mine', { ...customer, password: 'not the right one at all' });
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Your password', { exact: true })).toHaveAccessibleDescription(
    /This is not your password\.$/,
  );
  expect(await device.count()).toBe(0);
  await dialog.getByLabel('Your password', { exact: true }).fill(customer.password);
  await dialog.getByRole('button', { name: 'Create passkey' }).click();
  await expect(page.getByText('The passkey is added.')).toBeVisible();

  await addPasskey(page, 'Mine again', customer);
  await expect(page.getByRole('dialog').getByRole('alert')).toHaveText('This device has a passkey for you already.');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(passkeysOf(page).getByRole('listitem')).toHaveCount(1);
});

test('who cancels, or has no passkey, is told, and can still use the password', async ({ page, teller }) => {
  const device = await giveAuthenticator(page);
  const customer = await teller.givenCustomer([]);
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByRole('alert')).toContainText('The passkey was not used');
  await device.remove();
  await enter(page, customer);
  await expect(page.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();
});

test('a teller who has a passkey needs it besides the password', async ({ page, teller, signIn }) => {
  await giveAuthenticator(page);
  const person = await givenTeller(teller);
  await signIn(person);
  await page.goto('/profile');
  await expect(passkeysOf(page)).toContainText('signing in with your password asks for it as well');
  await addPasskey(page, 'Counter', person);
  await expect(page.getByText('The passkey is added.')).toBeVisible();
  await signOut(page);

  await enter(page, person);
  await expect(page.getByRole('heading', { name: 'One more step' })).toBeVisible();
  await page.goto('/customers');
  await expect(page.getByRole('heading', { name: 'Sign in' }), 'the password alone opens nothing').toBeVisible();

  await enter(page, person);
  await page.getByRole('button', { name: 'Confirm with passkey' }).click();
  await expect(page.getByRole('heading', { name: 'Customers' })).toBeVisible();
});

test('the second step can be left, and works with the keyboard alone', async ({ page, teller, signIn }) => {
  await giveAuthenticator(page);
  const person = await givenTeller(teller);
  await signIn(person);
  await addPasskey(page, 'Counter', person);
  await expect(page.getByText('The passkey is added.')).toBeVisible();
  await signOut(page);
  await enter(page, person);
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(page.getByLabel('E-mail address')).toHaveValue(person.email);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await expect(page.getByRole('heading', { name: 'One more step' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Confirm with passkey' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Customers' })).toBeVisible();
});
