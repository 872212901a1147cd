// How long one stays signed in: as long as one is there, and after a question, but never longer than 12 hours.
import type { Page } from '@playwright/test';
import { expect, test, type Customer } from './testing/bank.ts';
import { aheadOfBank } from './testing/page-clock.ts';

const stillThere = 'Are you still there?';

/** Counts how often the page has renewed its session for somebody who was there. */
function countRenewals(page: Page): () => number {
  let renewals = 0;
  page.on('response', (response) => {
    if (!response.url().endsWith('/renewal') || !response.ok()) return;
    const { is_active = true } = response.request().postDataJSON() as { is_active?: boolean };
    if (is_active) renewals += 1;
  });
  return () => renewals;
}

async function signInAgain(page: Page, { email, password }: Customer): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('whoever is active is renewed without being asked, with a new cookie', async ({
  page,
  context,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  const [first] = await context.cookies();
  const clock = await aheadOfBank(context);
  const renewals = countRenewals(page);
  await page.goto('/profile');
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await clock.forward(38);
  await page.getByRole('link', { name: 'Notifications' }).click();
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  expect(renewals()).toBe(0);

  await clock.forward(3);
  await expect.poll(renewals).toBe(1);
  const [second] = await context.cookies();
  expect(second?.value).not.toBe(first?.value);
  await clock.forward(30);
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('whoever was away is asked, and goes on where they were', async ({ page, context, teller, signIn }) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  const clock = await aheadOfBank(context);
  const renewals = countRenewals(page);
  await page.goto('/notifications');
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await clock.forward(58.5);
  const question = page.getByRole('dialog', { name: stillThere });
  await expect(question).toContainText(/You will be signed out in \d+ seconds\./);
  expect(renewals()).toBe(0);

  await question.getByRole('button', { name: 'Stay signed in' }).click();
  await expect(question).toHaveCount(0);
  await expect.poll(renewals).toBe(1);
  await expect(page).toHaveURL('/notifications');
});

test('whoever was away can sign out from the question', async ({ page, context, teller, signIn }) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  const clock = await aheadOfBank(context);
  await page.goto('/notifications');
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await clock.forward(58.5);
  await page.getByRole('dialog', { name: stillThere }).getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByText('You are signed out.')).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // What is left says that somebody has signed in from this browser, and opens nothing.
  expect((await context.cookies()).map(({ name }) => name)).toEqual(['microbank_device']);
});

test('an answer to the question in one tab is one for all tabs', async ({ page, context, teller, signIn }) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  const clock = await aheadOfBank(context);
  const other = await context.newPage();
  for (const tab of [page, other]) {
    await tab.goto('/profile');
    await expect(tab.getByRole('heading', { name: 'Profile' })).toBeVisible();
  }
  await clock.forward(58.5);
  await expect(other.getByRole('dialog', { name: stillThere })).toBeVisible();
  await page.getByRole('dialog', { name: stillThere }).getByRole('button', { name: 'Stay signed in' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(other.getByRole('dialog')).toHaveCount(0);
});

test('a session that ended says so at the sign-in page, and signing in leads back', async ({
  page,
  context,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const wanted = `/accounts/${customer.accounts[0]?.id}/statement`;
  await signIn(customer);
  const clock = await aheadOfBank(context);
  await page.goto(wanted);
  await expect(page.getByRole('heading', { name: 'Statement of Checking' })).toBeVisible();
  await context.clearCookies();
  await clock.forward(61);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByText('Your session has ended, so you were signed out.')).toBeVisible();
  await expect(page.getByText('1,000.00'), 'nothing of the account is left to be seen').toHaveCount(0);

  await signInAgain(page, customer);
  await expect(page.getByRole('heading', { name: 'Statement of Checking' })).toBeVisible();
  await expect(page).toHaveURL(wanted);
});

test('a page whose token is over, as after a sleep, goes on by itself, and so does one that is opened then', async ({
  page,
  context,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  await page.goto('/profile');
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await context.clearCookies({ name: 'microbank_session' });
  await page.getByRole('link', { name: 'Notifications' }).click();
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await expect.poll(async () => (await context.cookies()).map(({ name }) => name)).toContain('microbank_session');

  await context.clearCookies({ name: 'microbank_session' });
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toHaveCount(0);
});

test('after 12 hours nobody can stay: the page says why and offers only to sign out', async ({
  page,
  context,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  const clock = await aheadOfBank(context);
  const renewals = countRenewals(page);
  await page.goto('/profile');
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  for (let times = 0; times < 15; times += 1) {
    await clock.forward(45);
    await page.keyboard.press('Shift');
    await clock.forward(0.1);
    await expect.poll(renewals, 'renewed while somebody is there').toBe(times + 1);
  }
  await clock.forward(42); // 11 hours and 58.5 minutes.
  const question = page.getByRole('dialog', { name: stillThere });
  await expect(question).toContainText('nobody stays signed in for longer than 12 hours');
  await expect(question.getByRole('button', { name: 'Stay signed in' })).toHaveCount(0);
  await expect(question.getByRole('button', { name: 'Sign out' })).toBeVisible();
});

test('an order under way when the session ends is kept, and finished once after signing in again', async ({
  page,
  context,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const account = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  await page.goto(`/deposit?account=${account}`);
  await page.getByLabel('Amount').fill('25');
  await page.getByRole('button', { name: 'Review' }).click();
  await context.clearCookies();
  await page.getByRole('button', { name: 'Deposit now' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByText('Your session has ended, so you were signed out.')).toBeVisible();
  expect(await teller.balanceOf(account)).toBe(1000);

  await signInAgain(page, customer);
  await expect(page.getByText('Deposit of $25.00: done.')).toBeVisible();
  expect(await teller.balanceOf(account)).toBe(1025);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Deposit cash' })).toBeVisible();
  expect(await teller.balanceOf(account)).toBe(1025);
});
