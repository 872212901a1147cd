// Page and bank of different versions: a tab that has been open since the last deployment goes on, or says why it cannot.
import { expect, test } from './testing/bank.ts';

const banner = 'There is a new version of this page.';

test('a page whose file is gone says that there is a new version, and reloading gets it', async ({
  page,
  teller,
  signIn,
}) => {
  await signIn(await teller.givenCustomer([]));
  await page.goto('/notifications');
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await page.route('**/assets/profile-Page-*.js', (route) => route.fulfill({ status: 404, body: 'gone' }));
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(page.getByText(banner)).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Notifications' }), 'what was there stays').toBeVisible();

  await page.unroute('**/assets/profile-Page-*.js');
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(page.getByText(banner)).toHaveCount(0);
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
});

test('a part of a page whose file is gone says so as well', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await page.route('**/assets/*Dialog-*.js', (route) => route.fulfill({ status: 404, body: 'gone' }));
  await page.goto(`/accounts/${customer.accounts[0]?.id}`);
  await page.getByRole('button', { name: 'Close account' }).click();
  await expect(page.getByText(banner)).toBeVisible();
});

test('another language whose file is gone leaves the one that is spoken', async ({ page }) => {
  await page.route('**/assets/words-de-*.js', (route) => route.fulfill({ status: 404, body: 'gone' }));
  await page.goto('/sign-in');
  await page.getByRole('radio', { name: 'Deutsch' }).click();
  await expect(page.getByText(banner)).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test.describe('in a German browser', () => {
  test.use({ locale: 'de-DE' });

  test('the page begins in English when the file of German is gone', async ({ page }) => {
    await page.route('**/assets/words-de-*.js', (route) => route.fulfill({ status: 404, body: 'gone' }));
    await page.goto('/sign-in');
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await expect(page.getByText(banner)).toBeVisible();
  });
});

test('a file that cannot be had offline is no new version: the link works once the connection is back', async ({
  page,
  context,
  teller,
  signIn,
}) => {
  await signIn(await teller.givenCustomer([]));
  await page.goto('/notifications');
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await context.setOffline(true);
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(page.getByText('You are offline.')).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText('You are offline.')).toHaveCount(0);
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await expect(page.getByText(banner)).toHaveCount(0);
  const unstyled = () =>
    [...document.querySelectorAll('link')].filter((l) => l.rel === 'stylesheet' && !l.sheet).length;
  await expect.poll(() => page.evaluate(unstyled)).toBe(0);
});

test('an answer of a newer bank, with fields that this page does not know, is shown', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const id = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  await page.route(/\/api\/(accounts|transactions|web-sessions)/, async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as Record<string, unknown> | Record<string, unknown>[];
    const more = { colour: 'green', nested: { deep: [1] } };
    await route.fulfill({
      response,
      json: Array.isArray(body) ? body.map((item) => ({ ...item, ...more })) : { ...body, ...more },
    });
  });
  await page.goto(`/accounts/${id}`);
  await expect(page.getByText('Booked balance').locator('..')).toContainText('$1,000.00');
  await expect(page.getByRole('region', { name: 'Transactions' }).getByRole('listitem')).toHaveCount(1);
});

test('an answer that lacks what this page needs is not guessed at', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  const id = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  await page.route(new RegExp(`/api/accounts/${id}$`), async (route) => {
    const response = await route.fetch();
    const { balance, ...rest } = (await response.json()) as Record<string, unknown>;
    await route.fulfill({ response, json: { ...rest, saldo: balance } });
  });
  await page.goto(`/accounts/${id}`);
  await expect(page.getByRole('alert')).toContainText('This page is older than the bank. Reload it.');
});
