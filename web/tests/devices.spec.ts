// Where one is signed in: the list in the profile, ending one of them, and signing out everywhere.
import type { Browser, BrowserContext } from '@playwright/test';
import { expect, test, type Customer } from './testing/bank.ts';

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0';

/** Another device of the same person, on which they have just signed in. */
async function givenDevice(
  browser: Browser,
  baseURL: string | undefined,
  signIn: (who: Customer, on: BrowserContext) => Promise<void>,
  customer: Customer,
): Promise<BrowserContext> {
  const device = await browser.newContext({ userAgent: firefox, ...(baseURL !== undefined && { baseURL }) });
  await signIn(customer, device);
  return device;
}

test('each device is listed with its address, and one of them is signed out from another', async ({
  page,
  browser,
  baseURL,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  const device = await givenDevice(browser, baseURL, signIn, customer);
  const other = await device.newPage();
  await other.goto('/');
  await expect(other.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();

  await page.goto('/profile');
  const sessions = page.getByRole('region', { name: 'Where you are signed in' });
  await expect(sessions.getByRole('listitem')).toHaveCount(2);
  const here = sessions.getByRole('listitem').filter({ hasText: 'This device' });
  await expect(here).toContainText(/127\.0\.0\.1|::1/);
  await expect(here).toContainText(/signed in .*last seen/);
  await expect(here.getByRole('button')).toHaveCount(0);

  await sessions.getByRole('button', { name: 'Sign out Firefox on Linux' }).click();
  await expect(page.getByText('Firefox on Linux is signed out.')).toBeVisible();
  await expect(sessions.getByRole('listitem')).toHaveCount(1);
  await expect(other.getByRole('heading', { name: 'Sign in' }), 'its page hears of it').toBeVisible();
  await expect(other.getByText('Your session has ended, so you were signed out.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await device.close();
});

test('signing out everywhere ends all of them, this one too', async ({ page, browser, baseURL, teller, signIn }) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  const device = await givenDevice(browser, baseURL, signIn, customer);
  const other = await device.newPage();
  await other.goto('/notifications');
  await expect(other.getByRole('heading', { name: 'Notifications' })).toBeVisible();

  await page.goto('/profile');
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign out everywhere?' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await dialog.getByRole('button', { name: 'Sign out everywhere' }).click();
  await expect(page.getByText('You are signed out.')).toBeVisible();
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await device.close();
});
