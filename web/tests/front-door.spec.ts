// Coming in and going out: register, sign in, sign out, and what a page or another site may do with the session.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { ownPageHeader } from '../../functions/shared/contract/headers.ts';
import { expect, test } from './testing/bank.ts';

const password = 'four unrelated words do';
const newEmail = (): string => `door-${process.pid}-${Date.now()}@example.com`;

async function fillIn(page: Page, person: { name: string; email: string; password: string }): Promise<void> {
  await page.getByLabel('Full name').fill(person.name);
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
}

async function enter(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('somebody new registers, is signed in and invited to open an account', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Become a customer' }).click();
  await fillIn(page, { name: 'Nora Newcomer', email: newEmail(), password });
  await page.getByRole('button', { name: 'Register' }).click();
  await expect(page.getByRole('heading', { name: 'Hello, Nora' })).toBeVisible();
  await expect(page.getByText('You have no account yet').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Open an account' }).first()).toBeVisible();
});

test('the registration form says at each field what is missing, without asking the bank', async ({ page }) => {
  let asked = 0;
  page.on('request', (request) => (asked += request.method() === 'POST' ? 1 : 0));
  await page.goto('/register');
  await page.getByLabel('E-mail address').fill('nora@');
  await page.getByLabel('Phone number').fill('call me');
  await page.getByLabel('Password', { exact: true }).fill('too short');
  await page.getByRole('button', { name: 'Register' }).click();

  const findings = {
    'Full name': 'Write a name of up to 100 characters.',
    'E-mail address': 'Write an address such as alice@example.com.',
    'Phone number': 'Digits, spaces, brackets, dots and dashes; 3 to 32 of them.',
    Password: 'At least 15 characters. Four unrelated words are a good one. At least 15 characters.',
  };
  for (const [label, finding] of Object.entries(findings)) {
    const field = page.getByRole('textbox', { name: label });
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await expect(field).toHaveAccessibleDescription(finding);
  }
  expect(asked).toBe(0);
});

test('a password that is easy to guess is refused at its field, and another is taken', async ({ page }) => {
  await page.goto('/register');
  await fillIn(page, { name: 'Nora Newcomer', email: newEmail(), password: 'aaaaaaaaaaaaaaaaaaaa' });
  await page.getByRole('button', { name: 'Register' }).click();
  const field = page.getByLabel('Password', { exact: true });
  await expect(field).toHaveAccessibleDescription(/This password is too easy to guess\.$/);
  await field.fill(password);
  await page.getByRole('button', { name: 'Register' }).click();
  await expect(page.getByRole('heading', { name: 'Hello, Nora' })).toBeVisible();
});

test('an e-mail address that is taken is refused at its field', async ({ page, bank }) => {
  await page.goto('/register');
  await fillIn(page, { name: 'Alice Again', email: bank.customers.alice.email, password });
  await page.getByRole('button', { name: 'Register' }).click();
  await expect(page.getByLabel('E-mail address')).toHaveAccessibleDescription(
    'Somebody is registered with this e-mail address already.',
  );
  await expect(page).toHaveURL('/register');
});

test('a wrong password, an unknown address and empty fields are told, and nobody is signed in', async ({
  page,
  teller,
}) => {
  const { email } = await teller.givenCustomer([]);
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByLabel('E-mail address')).toHaveAccessibleDescription('Fill this in.');
  await expect(page.getByLabel('Password', { exact: true })).toHaveAccessibleDescription('Fill this in.');

  await enter(page, { email, password: 'something else entirely' });
  await expect(page.getByRole('alert')).toHaveText('The e-mail address or the password is wrong.');
  await enter(page, { email: newEmail(), password });
  await expect(page.getByRole('alert')).toHaveText('The e-mail address or the password is wrong.');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('who was not signed in gets to the page that they asked for, with its search', async ({ page, teller }) => {
  const customer = await teller.givenCustomer();
  const wanted = `/deposit?account=${customer.accounts[0]?.id}`;
  await page.goto(wanted);
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await enter(page, customer);
  await expect(page.getByRole('heading', { name: 'Deposit cash' })).toBeVisible();
  await expect(page).toHaveURL(wanted);
  await page.goBack();
  await expect(page, 'the way back does not lead through the sign-in page').not.toHaveURL(/sign-in/);
});

const elsewhere = ['//evil.example/', '/\\evil.example/', 'https://evil.example/', 'https://', 'javascript:alert(1)'];
for (const to of [...elsewhere, '/sign-in']) {
  test(`?to=${to} leads to the overview and nowhere else`, async ({ page, teller }) => {
    const customer = await teller.givenCustomer([]);
    await page.goto(`/sign-in?to=${encodeURIComponent(to)}`);
    await enter(page, customer);
    await expect(page.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();
    await expect(page).toHaveURL('/');
  });
}

test('signing out in one tab signs out the others, and the next to sign in starts at the overview', async ({
  page,
  context,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  const other = await context.newPage();
  await other.goto('/notifications');
  await expect(other.getByRole('heading', { name: 'Notifications' })).toBeVisible();
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();

  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect((await context.cookies()).map(({ name }) => name)).toEqual(['microbank_device']);
  await expect(page.getByText('You are signed out.')).toBeVisible();
  await enter(page, customer);
  await expect(page.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();
  await expect(page).toHaveURL('/');
});

test('signing in in one tab signs in the others', async ({ page, context, teller }) => {
  const customer = await teller.givenCustomer([]);
  const other = await context.newPage();
  await other.goto('/notifications');
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto('/');
  await enter(page, customer);
  await expect(page.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();
  await expect(other.getByRole('heading', { name: 'Notifications' })).toBeVisible();
});

test('no script can read token or secret: they are in HttpOnly cookies for this site alone', async ({
  page,
  context,
  teller,
}) => {
  const customer = await teller.givenCustomer([]);
  const answers: string[] = [];
  await page.route('**/api/**', async (route) => {
    if (route.request().url().includes('/stream')) return route.continue(); // It has no end.
    const response = await route.fetch();
    answers.push(await response.text());
    await route.fulfill({ response });
  });
  await page.goto('/');
  await enter(page, customer);
  await expect(page.getByRole('heading', { name: 'Hello, Carla' })).toBeVisible();

  const cookies = await context.cookies();
  expect(cookies.map(({ name }) => name)).toEqual(expect.arrayContaining(['microbank_session', 'microbank_renewal']));
  for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  expect(cookies.find(({ name }) => name === 'microbank_session')?.value).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  const readable = await page.evaluate(() =>
    JSON.stringify([document.cookie, localStorage, sessionStorage, history.state]),
  );
  for (const { value } of cookies) expect(readable + answers.join()).not.toContain(value);
  expect(answers.join()).toContain(customer.email);
});

test('the cookie goes to no other program that one looks at on this machine', async ({
  page,
  baseURL,
  bank,
  signIn,
}) => {
  const seen: (string | undefined)[] = [];
  const other = createServer(({ headers }, response) => {
    seen.push(headers.cookie);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<link rel="icon" href="data:,">another program');
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect(new URL(baseURL ?? '').hostname).toBe('microbank.localhost');
  await signIn(bank.customers.alice);
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Hello, Alice' })).toBeVisible();

  await page.goto(`http://localhost:${port}/`);
  expect(seen).toEqual([undefined]);
  other.close();
});

test('the cookie alone changes nothing: another site that makes the browser send it is refused', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  const account = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  await page.goto('/profile');
  const deposit = (headers: Record<string, string>): Promise<number> =>
    page.evaluate(
      async ([body, more]) => {
        const init = { method: 'POST', headers: { 'content-type': 'application/json', ...more }, body };
        return (await fetch('/api/deposits', init)).status;
      },
      [JSON.stringify({ account_id: account, amount: 5 }), headers] as const,
    );
  expect(await deposit({})).toBe(403);
  expect(await teller.balanceOf(account)).toBe(1000);
  expect(await deposit({ [ownPageHeader.name]: ownPageHeader.value })).toBe(201);
  expect(await teller.balanceOf(account)).toBe(1005);
});
