// All pages of one browser share one stream: it has six connections to a server over HTTP/1.1, and a stream keeps one of them busy.
import type { BrowserContext, Page, Request } from '@playwright/test';
import { expect, test } from './testing/bank.ts';

const stateOf = (page: Page) => page.getByRole('banner').getByRole('status');
const balanceOf = (page: Page) => page.getByText('Booked balance').locator('..');

/** How many streams of a browser are open at this moment, and the most at once so far. */
function countStreams(context: BrowserContext) {
  const open = new Map<Request, Page>();
  let most = 0;
  // Nobody says that a request of a closed page has ended.
  const now = (): number => [...open.values()].filter((page) => !page.isClosed()).length;
  context.on('request', (request) => {
    if (!request.url().includes('/notifications/stream')) return;
    open.set(request, request.frame().page());
    most = Math.max(most, now());
  });
  context.on('requestfinished', (request) => open.delete(request));
  context.on('requestfailed', (request) => open.delete(request));
  return { now, most: () => most };
}

test('nine windows of a customer load, and all of them see what happens, by one stream', async ({
  context,
  teller,
  signIn,
}) => {
  test.slow(); // Each window loads the whole application.
  const customer = await teller.givenCustomer([{ balance: 100 }]);
  const account = customer.accounts[0]?.id ?? 0;
  await signIn(customer);
  const streams = countStreams(context);
  const pages: Page[] = [];
  for (let i = 0; i < 9; i += 1) {
    const page = await context.newPage();
    await page.goto(`/accounts/${account}`);
    await expect(balanceOf(page)).toContainText('$100.00');
    await expect(stateOf(page)).toHaveText('Live');
    pages.push(page);
  }
  await teller.ask('POST', '/deposits', { account_id: account, amount: 5 });
  for (const page of pages) await expect(balanceOf(page)).toContainText('$105.00');
  expect(streams.now()).toBe(1);
  expect(streams.most()).toBe(1);

  // The first has the stream; the next that is there goes on with it, and misses nothing.
  await pages.shift()?.close();
  await teller.ask('POST', '/deposits', { account_id: account, amount: 6 });
  for (const page of pages) await expect(balanceOf(page)).toContainText('$111.00');
  await expect.poll(streams.now).toBe(1);
});

test('a teller has many customers open, and sees each of them move', async ({ context, bank, teller, signIn }) => {
  test.slow();
  const customers = [];
  for (let i = 0; i < 8; i += 1) customers.push(await teller.givenCustomer([{ balance: 100 }]));
  await signIn({ name: 'Teller', ...bank.teller });
  const streams = countStreams(context);
  const pages = [];
  for (const { id } of customers) {
    const page = await context.newPage();
    await page.goto(`/customers/${id}`);
    await expect(page.getByRole('link', { name: 'Checking' })).toContainText('$100.00');
    await expect(stateOf(page)).toHaveText('Live');
    pages.push(page);
  }
  await expect.poll(streams.now).toBe(1);
  for (const { accounts } of customers)
    await teller.ask('POST', '/deposits', { account_id: accounts[0]?.id, amount: 7 });
  for (const page of pages) await expect(page.getByRole('link', { name: 'Checking' })).toContainText('$107.00');
  expect(streams.now()).toBe(1);
});

test('two customers at two browsers do not share', async ({ page, browser, baseURL, teller, signIn }) => {
  const [one, two] = [await teller.givenCustomer([{ balance: 100 }]), await teller.givenCustomer([{ balance: 200 }])];
  await signIn(one);
  await page.goto(`/accounts/${one.accounts[0]?.id}`);
  const other = await browser.newContext({ ...(baseURL !== undefined && { baseURL }), locale: 'en-US' });
  const their = await other.newPage();
  await signIn(two, their);
  await their.goto(`/accounts/${two.accounts[0]?.id}`);
  for (const each of [page, their]) await expect(stateOf(each)).toHaveText('Live');
  await teller.ask('POST', '/deposits', { account_id: two.accounts[0]?.id, amount: 5 });
  await expect(balanceOf(their)).toContainText('$205.00');
  await expect(balanceOf(page)).toContainText('$100.00');
  await other.close();
});
