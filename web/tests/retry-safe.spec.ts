// One order, one movement: whatever the reader presses, and whatever becomes of page and connection in between.
import type { Page } from '@playwright/test';
import { expect, test, type Customer } from './testing/bank.ts';

/** Fills in a deposit of 25 and goes as far as the last button. */
async function prepareDeposit(page: Page, customer: Customer): Promise<void> {
  await page.goto(`/deposit?account=${customer.accounts[0]?.id}`);
  await page.getByLabel('Amount').fill('25');
  await page.getByLabel('Description').fill('Only once');
  await page.getByRole('button', { name: 'Review' }).click();
  await expect(page.getByRole('heading', { name: 'Is everything right?' })).toBeVisible();
}

const deposits = '**/api/deposits';

test.beforeEach(({ page }) => page.setDefaultTimeout(15_000));

test('pressing twice deposits once, in a trace that begins in the browser', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await prepareDeposit(page, customer);
  const sent = page.waitForRequest(deposits);
  await page.getByRole('button', { name: 'Deposit now' }).dblclick();
  await expect(page.getByText('Deposited', { exact: true })).toBeVisible();
  const request = await sent;
  const { trace_id } = (await (await request.response())?.json()) as { trace_id: string };
  expect(request.headers()['traceparent']).toMatch(new RegExp(`^00-${trace_id}-[0-9a-f]{16}-01$`));
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1025);
});

test('an order that was reloaded away is finished under the same key, with one result', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await prepareDeposit(page, customer);
  const keys: (string | undefined)[] = [];
  let isCut = true;
  // The bank gets the first request and books it; its answer finds no page any more.
  await page.route(deposits, async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    if (!isCut) return route.continue();
    await route.fetch();
    await new Promise(() => {}); // Never answered: the page is gone by then.
  });
  await page.getByRole('button', { name: 'Deposit now' }).click();
  await expect.poll(() => teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1025);

  isCut = false;
  await page.reload();
  await expect(page.getByText('Deposit of $25.00: done.')).toHaveCount(1);
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1025);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys[1]).toBe(keys[0]);

  await page.reload();
  await expect(page.getByRole('heading', { name: 'Deposit cash' })).toBeVisible();
  expect(keys, 'what is done is not sent again').toHaveLength(2);
});

test('an order given offline waits, says so, and moves the money once the connection is back', async ({
  page,
  context,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await prepareDeposit(page, customer);
  await context.setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  await page.getByRole('button', { name: 'Deposit now' }).click();
  await expect(page.getByText('no connection. It is kept', { exact: false })).toBeVisible();
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1000);

  await context.setOffline(false);
  await expect(page.getByText('Deposited', { exact: true })).toBeVisible();
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1025);
});

test('an answer that gets lost is asked for again, and the money moves once', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await prepareDeposit(page, customer);
  let lost = 0;
  await page.route(deposits, async (route) => {
    if (lost === 2) return route.continue();
    lost += 1;
    await route.fetch();
    await route.abort('connectionreset');
  });
  await page.getByRole('button', { name: 'Deposit now' }).click();
  await expect(page.getByText('Deposited', { exact: true })).toBeVisible();
  expect(lost).toBe(2);
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1025);
});

test('a busy bank is asked again after the time that it names', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await prepareDeposit(page, customer);
  const sentAt: number[] = [];
  await page.route(deposits, async (route) => {
    sentAt.push(Date.now());
    if (sentAt.length > 1) return route.continue();
    const problem = { status: 503, code: 'unavailable', detail: 'later', title: 'Unavailable', type: 'about:blank' };
    await route.fulfill({ status: 503, headers: { 'retry-after': '2' }, json: problem });
  });
  await page.getByRole('button', { name: 'Deposit now' }).click();
  await expect(page.getByText('the bank is busy', { exact: false })).toBeVisible();
  await expect(page.getByText('Deposited', { exact: true })).toBeVisible();
  expect((sentAt[1] ?? 0) - (sentAt[0] ?? 0)).toBeGreaterThanOrEqual(2_000);
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1025);
});

test('a second tab takes up the order of one that was closed', async ({ page, context, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  await signIn(customer);
  await prepareDeposit(page, customer);
  await page.route(deposits, (route) => route.abort('connectionreset'));
  await page.getByRole('button', { name: 'Deposit now' }).click();
  await expect(page.getByText('no connection. It is kept', { exact: false })).toBeVisible();

  await page.close();
  const other = await context.newPage();
  await other.goto('/');
  await expect(other.getByText('Deposit of $25.00: done.')).toBeVisible();
  expect(await teller.balanceOf(customer.accounts[0]?.id ?? 0)).toBe(1025);
});

test('a refusal ends the order: it is told at the form and not sent again', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer();
  const account = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  await page.goto(`/withdraw?account=${account}`);
  await page.getByLabel('Amount').fill('900');
  await page.getByRole('button', { name: 'Review' }).click();
  // The money goes elsewhere while the reader looks.
  await teller.ask('POST', '/withdrawals', { account_id: account, amount: 500 });
  await page.getByRole('button', { name: 'Withdraw now' }).click();
  await expect(page.getByRole('alert')).toContainText('There is not enough money in this account.');
  expect(await teller.balanceOf(account)).toBe(500);
  expect(await page.evaluate(() => localStorage.getItem('microbank.pending'))).toBe('[]');
});
