// What pages show while they wait, when something fails, and when there is nothing: never a blank, never a riddle.
import type { Page, Route } from '@playwright/test';
import { expect, test } from './testing/bank.ts';

const problem = {
  type: 'about:blank',
  title: 'Unavailable',
  status: 503,
  code: 'unavailable',
  detail: 'no',
  trace_id: '',
};
const isAccount = (id: number) => new RegExp(`/api/accounts/${id}$`);
const balanceOf = (page: Page) => page.getByText('Booked balance').locator('..');

test('while an answer is on its way its place is kept, and after a while the page says why it takes long', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const id = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(isAccount(id), async (route) => {
    await released;
    await route.continue();
  });
  await page.goto(`/accounts/${id}`);
  await expect(page.getByText('Loading …').first()).toBeAttached();
  await expect(page.getByText('A function is waking up from zero')).toHaveCount(0);
  await expect(page.getByText('A function is waking up from zero')).toBeVisible();
  release();
  await expect(balanceOf(page)).toContainText('$1,000.00');
  await expect(page.getByText('Loading …')).toHaveCount(0);
  await expect(page.getByText('A function is waking up from zero')).toHaveCount(0);
});

test('a bank that is busy is asked again by itself; then the page says so, and trying again works', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const id = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  let asked = 0;
  let isBusy = true;
  await page.route(isAccount(id), (route) => {
    asked += 1;
    return isBusy ? route.fulfill({ status: 503, json: problem }) : route.continue();
  });
  await page.goto(`/accounts/${id}`);
  await expect(page.getByRole('alert')).toContainText('The bank is busy at the moment. Try again shortly.');
  expect(asked).toBe(3);
  isBusy = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(balanceOf(page)).toContainText('$1,000.00');
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('one answer that fails is asked for again without a word', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  const id = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  const fates = [(route: Route) => route.abort(), (route: Route) => route.fulfill({ status: 502, body: '<html>' })];
  await page.route(isAccount(id), (route) => (fates.pop() ?? ((last: Route) => last.continue()))(route));
  await page.goto(`/accounts/${id}`);
  await expect(balanceOf(page)).toContainText('$1,000.00');
  expect(fates).toEqual([]);
});

test('a fault shows the number to tell the bank', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  const id = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  const trace_id = '4bf92f3577b34da6a3ce929d0e0e4736';
  await page.route(isAccount(id), (route) =>
    route.fulfill({
      status: 500,
      json: { ...problem, status: 500, code: 'internal_error', detail: 'a fault', trace_id },
    }),
  );
  await page.goto(`/accounts/${id}`);
  await expect(page.getByRole('alert')).toContainText('Something broke on our side.');
  await expect(page.getByRole('alert')).toContainText(trace_id);
});

test('the very first question can fail as well: the page says so, and trying again works', async ({ page }) => {
  let isCut = true;
  await page.route('**/api/web-sessions/current', (route) => (isCut ? route.abort() : route.continue()));
  await page.goto('/');
  await expect(page.getByRole('alert')).toContainText('The bank cannot be reached.');
  isCut = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('offline the page says so and keeps what it shows', async ({ page, context, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await page.goto(`/accounts/${customer.accounts[0]?.id}`);
  await expect(balanceOf(page)).toContainText('$1,000.00');
  await context.setOffline(true);
  await expect(page.getByText('You are offline. What is shown may be old')).toBeVisible();
  await expect(balanceOf(page)).toContainText('$1,000.00');
  await context.setOffline(false);
  await expect(page.getByText('You are offline.')).toHaveCount(0);
});

test('an unknown path is a page of ours that leads home', async ({ page, teller, signIn }) => {
  await signIn(await teller.givenCustomer([]));
  for (const path of [
    '/no/such/page',
    '/accounts/nonsense',
    '/transactions/1e3',
    '/transactions/new',
    '/accounts/0/statement',
  ]) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  }
  await page.getByRole('link', { name: 'To the overview' }).click();
  await expect(page.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();
});

for (const path of ['/accounts/999999999', '/accounts/999999999/statement', '/accounts/999999999/time-travel']) {
  test(`${path} says that there is no such account`, async ({ page, teller, signIn }) => {
    await signIn(await teller.givenCustomer([]));
    await page.goto(path);
    await expect(page.getByRole('alert').first()).toContainText('There is no such account.');
  });
}

test('the account and the transaction of another are as unknown as those that do not exist', async ({
  page,
  bank,
  teller,
  signIn,
}) => {
  const alice = await teller.ask<{ id: number }[]>('GET', `/accounts?user_id=${bank.customers.alice.userId}`);
  const [transaction] = await teller.transactionsOf(alice[0]?.id ?? 0);
  await signIn(await teller.givenCustomer([]));
  await page.goto(`/accounts/${alice[0]?.id}`);
  await expect(page.getByRole('alert')).toContainText('There is no such account.');
  for (const id of [transaction?.id, 999_999_999]) {
    await page.goto(`/transactions/${id}`);
    await expect(page.getByRole('alert')).toContainText('There is no such transaction.');
  }
});
