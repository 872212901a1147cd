// What one person does, another sees without reloading; and what happened while the connection was cut is there after it.
import type { Browser, Page } from '@playwright/test';
import { expect, test, type Customer } from './testing/bank.ts';
import { whatBroke } from './testing/what-broke.ts';

const unreadIn = (page: Page) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Notifications' });
const stateOf = (page: Page) => page.getByRole('banner').getByRole('status');
const dotOf = (page: Page) => stateOf(page).locator('.dot');
const balanceOf = (page: Page) => page.getByText('Booked balance').locator('..');
const messages = (page: Page) => page.getByRole('region', { name: 'Messages' });

type SignIn = (who: Customer, on: Page) => Promise<void>;

/** Another person at another browser. */
async function withBrowserOf(
  who: Customer,
  { browser, baseURL, signIn }: { browser: Browser; baseURL: string | undefined; signIn: SignIn },
  work: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ ...(baseURL !== undefined && { baseURL }), locale: 'en-US' });
  const broken = whatBroke(context);
  const page = await context.newPage();
  await signIn(who, page);
  await work(page);
  expect(broken()).toEqual([]);
  await context.close();
}

test('a transfer in one browser appears in the other: balance, list, count and message', async ({
  page,
  browser,
  baseURL,
  teller,
  signIn,
}) => {
  const [receiver, sender] = [await teller.givenCustomer([{ balance: 100 }]), await teller.givenCustomer()];
  const account = receiver.accounts[0]?.id ?? 0;
  await signIn(receiver);
  await page.goto(`/accounts/${account}`);
  await expect(stateOf(page)).toHaveText('Live');
  await expect(balanceOf(page)).toContainText('$100.00');
  await expect(unreadIn(page)).toContainText('1 unread');
  let loads = 0;
  page.on('load', () => (loads += 1));

  await withBrowserOf(sender, { browser, baseURL, signIn }, async (other) => {
    await other.goto('/transfer');
    await other.getByRole('radio', { name: 'To somebody else' }).check();
    await other.getByLabel('Their e-mail address').fill(receiver.email);
    await other.getByLabel('Amount').fill('42.50');
    await other.getByLabel('Description').fill('For the bicycle');
    await expect(other.getByText('Carla T. takes this transfer')).toBeVisible();
    await other.getByRole('button', { name: 'Review' }).click();
    await other.getByRole('button', { name: 'Transfer now' }).click();
    await expect(other.getByText('Transferred', { exact: true })).toBeVisible();
  });

  await expect(messages(page)).toContainText('$42.50');
  await expect(balanceOf(page)).toContainText('$142.50');
  await expect(unreadIn(page)).toContainText('2 unread');
  const newest = page.getByRole('region', { name: 'Transactions' }).getByRole('listitem').first();
  await expect(newest).toContainText('For the bicycle');
  await expect(newest).toContainText('+$42.50');
  await messages(page).getByRole('link', { name: 'Details' }).click();
  await expect(page.getByRole('heading', { name: /^Transaction \d+$/ })).toBeVisible();
  expect(loads).toBe(0);
});

test('the overview follows as well: total, card and latest transactions', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([{ balance: 100 }]);
  await signIn(customer);
  await page.goto('/');
  await expect(stateOf(page)).toHaveText('Live');
  await expect(page.getByRole('region', { name: 'Your money' })).toContainText('$100.00');
  await teller.ask('POST', '/deposits', { account_id: customer.accounts[0]?.id, amount: 11, description: 'Found it' });
  await expect(page.getByRole('region', { name: 'Your money' })).toContainText('$111.00');
  await expect(page.getByRole('region', { name: 'Accounts' }).getByRole('link', { name: 'Checking' })).toContainText(
    '$111.00',
  );
  await expect(page.getByRole('region', { name: 'Latest transactions' })).toContainText('Found it');
});

test('offline the page says that it is not live; back online it is, with what happened meanwhile', async ({
  page,
  context,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([{ balance: 100 }]);
  const account = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  await page.goto(`/accounts/${account}`);
  await expect(stateOf(page)).toHaveText('Live');
  await context.setOffline(true);
  await expect(stateOf(page)).toHaveText('Not live');
  await teller.ask('POST', '/deposits', { account_id: account, amount: 5 });
  await teller.ask('POST', '/deposits', { account_id: account, amount: 6 });
  await expect(balanceOf(page)).toContainText('$100.00');

  await context.setOffline(false);
  await expect(stateOf(page)).toHaveText('Live');
  await expect(balanceOf(page)).toContainText('$111.00');
  await expect(unreadIn(page)).toContainText('3 unread');
  await expect(messages(page)).toContainText('$5.00');
  await expect(messages(page)).toContainText('$6.00');
});

test('while the stream is refused the page looks for itself; once it is open nothing is missed or counted twice', async ({
  page,
  teller,
  signIn,
}) => {
  const customer = await teller.givenCustomer([{ balance: 100 }]);
  const account = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  let isCut = true;
  const resumedAfter: (string | undefined)[] = [];
  await page.route('**/api/notifications/stream*', async (route) => {
    if (isCut) return route.abort('connectionreset');
    resumedAfter.push(route.request().headers()['last-event-id']);
    return route.continue();
  });
  await page.clock.install();
  await page.goto(`/accounts/${account}`);
  await expect(stateOf(page)).toHaveText('Not live');
  await expect(dotOf(page), 'what pulses looks alive').toHaveCSS('animation-name', 'none');
  await teller.ask('POST', '/deposits', { account_id: account, amount: 7 });
  await expect(balanceOf(page)).toContainText('$100.00');
  await expect(async () => {
    await page.clock.fastForward(15_000);
    await expect(balanceOf(page)).toContainText('$107.00', { timeout: 1_000 });
    await expect(unreadIn(page)).toContainText('2 unread', { timeout: 1_000 });
  }).toPass();
  await expect(stateOf(page)).toHaveText('Not live');

  isCut = false;
  await page.clock.fastForward(30_000);
  await expect(stateOf(page)).toHaveText('Live');
  await expect(dotOf(page)).not.toHaveCSS('animation-name', 'none');
  await expect(messages(page)).toContainText('$7.00');
  await expect(unreadIn(page)).toContainText('2 unread');
  expect(resumedAfter[0]).toMatch(/^\d+$/);
});

test('a teller who looks at a customer’s account sees it move', async ({ page, bank, teller, signIn }) => {
  const customer = await teller.givenCustomer([{ balance: 100 }]);
  const account = customer.accounts[0]?.id ?? 0;
  await signIn({ name: 'Teller', ...bank.teller });
  const watching = new RegExp(`/stream\\?.*watch=${customer.id}%3A`);
  const streams = page.waitForResponse((response) => watching.test(response.url()));
  await page.goto(`/accounts/${account}`);
  await expect(balanceOf(page)).toContainText('$100.00');
  expect((await streams).status()).toBe(200);
  await teller.ask('POST', '/withdrawals', { account_id: account, amount: 30, description: 'At the machine' });
  await expect(balanceOf(page)).toContainText('$70.00');
  await expect(page.getByRole('region', { name: 'Transactions' })).toContainText('At the machine');
  await expect(messages(page), 'it is not the teller’s own money').not.toContainText('$30.00');
});
