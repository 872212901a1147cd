// The bank does what it was asked, its answer is lost, and the same is pressed again: nobody is told what is not so.
import type { Page } from '@playwright/test';
import { giveAuthenticator } from './testing/authenticator.ts';
import { expect, test } from './testing/bank.ts';

const password = 'four unrelated words do';
const newPassword = 'five other words are better';
const unreachable = 'The bank cannot be reached.';

/** Lets the first of these reach the bank, and its answer nobody; returns how often the bank was asked. */
async function loseAnswer(page: Page, url: string, method = 'POST'): Promise<() => number> {
  let asked = 0;
  await page.route(url, async (route) => {
    if (route.request().method() !== method) return route.fallback();
    asked += 1;
    if (asked > 1) return route.continue();
    expect((await route.fetch()).ok()).toBe(true);
    await route.abort('connectionreset');
  });
  return () => asked;
}

/** Presses, is told that no answer came, and presses again. */
async function pressTwice(page: Page, button: string, role: 'main' | 'dialog' = 'main'): Promise<void> {
  const pressed = page.getByRole(role).getByRole('button', { name: button, exact: true });
  await pressed.click();
  await expect(page.getByRole('alert')).toContainText(unreachable);
  await pressed.click();
}

test('who registers is registered and signed in', async ({ page }) => {
  const asked = await loseAnswer(page, '**/api/users');
  await page.goto('/register');
  await page.getByLabel('Full name').fill('Nora Newcomer');
  await page.getByLabel('E-mail address').fill(`lost-${process.pid}-${Date.now()}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await pressTwice(page, 'Register');
  await expect(page.getByRole('heading', { name: 'Hello, Nora' })).toBeVisible();
  await expect(page.getByText('Somebody is registered')).toHaveCount(0);
  expect(asked()).toBe(2);
});

test('who was registered, and not told that they are signed in, is signed in', async ({ page }) => {
  await loseAnswer(page, '**/api/web-sessions');
  await page.goto('/register');
  await page.getByLabel('Full name').fill('Nora Newcomer');
  await page.getByLabel('E-mail address').fill(`lost-too-${process.pid}-${Date.now()}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await pressTwice(page, 'Register');
  await expect(page.getByRole('heading', { name: 'Hello, Nora' })).toBeVisible();
});

test('who changes their password is not told that it is wrong', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  const asked = await loseAnswer(page, `**/api/users/${customer.id}/password`);
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Change password' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change password' });
  await dialog.getByLabel('Current password', { exact: true }).fill(customer.password);
  await dialog.getByLabel('New password', { exact: true }).fill(newPassword);
  await pressTwice(page, 'Change password', 'dialog');
  await expect(page.getByText('Your password is changed.')).toBeVisible();
  expect(asked()).toBe(2);
  await signIn({ ...customer, password: newPassword });
});

test('who uses a code is not told that it was used', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([]);
  const { code } = await teller.ask<{ code: string }>('POST', `/users/${customer.id}/password-reset`, {});
  await loseAnswer(page, '**/api/password-resets');
  await page.goto('/reset-password');
  await page.getByLabel('E-mail address').fill(customer.email);
  await page.getByLabel('One-time code').fill(code);
  await page.getByLabel('New password', { exact: true }).fill(newPassword);
  await pressTwice(page, 'Set new password');
  await expect(page.getByText('Your new password is set')).toBeVisible();
  await signIn({ ...customer, password: newPassword });
});

test('who adds a passkey has one, and is told so', async ({ page, teller, signIn }) => {
  const device = await giveAuthenticator(page);
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  await loseAnswer(page, '**/api/passkeys');
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('My phone');
  await dialog.getByLabel('Your password', { exact: true }).fill(customer.password);
  await pressTwice(page, 'Create passkey', 'dialog');
  await expect(page.getByText('The passkey is added.')).toBeVisible();
  expect(await device.count()).toBe(1);
  await expect(page.getByRole('region', { name: 'Passkeys' })).toContainText('My phone');
});

test('a teller who freezes an account is told that it is frozen, and the same is another request later', async ({
  page,
  bank,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const account = customer.accounts[0]?.id ?? 0;
  await signIn({ name: 'Teller', ...bank.teller });
  await loseAnswer(page, `**/api/accounts/${account}/freeze`);
  await page.goto(`/accounts/${account}`);
  const dialog = page.getByRole('dialog');
  const begin = async (button: string): Promise<void> => {
    await page.getByRole('button', { name: button, exact: true }).click();
    await dialog.getByLabel('Reason').fill('Card reported as stolen');
  };
  await begin('Freeze');
  await pressTwice(page, 'Freeze', 'dialog');
  await expect(page.getByText('The account is frozen.')).toBeVisible();
  await begin('Unfreeze');
  await dialog.getByRole('button', { name: 'Unfreeze', exact: true }).click();
  await begin('Freeze');
  await dialog.getByRole('button', { name: 'Freeze', exact: true }).click();
  await expect(page.getByText('Frozen', { exact: true })).toBeVisible();
  expect(await teller.ask('GET', `/accounts/${account}`)).toMatchObject({ status: 'frozen' });
});

test('a teller who removes a customer is not told that there is none', async ({ page, bank, teller, signIn }) => {
  const customer = await teller.givenCustomer([]);
  await signIn({ name: 'Teller', ...bank.teller });
  await loseAnswer(page, `**/api/users/${customer.id}`, 'DELETE');
  await page.goto(`/customers/${customer.id}`);
  await page.getByRole('button', { name: 'Remove customer' }).click();
  const dialog = page.getByRole('dialog');
  const remove = dialog.getByRole('button', { name: 'Remove customer' });
  await remove.click();
  await expect(dialog.getByRole('alert')).toContainText(unreachable);
  await remove.click();
  await expect(page).toHaveURL(/\/customers$/);
});
