// The inbox: it fills by itself, and is read, filtered and cleared.
import type { Page } from '@playwright/test';
import { expect, test } from './testing/bank.ts';

const inboxOf = (page: Page) => page.getByRole('main').getByRole('region', { name: 'Notifications' });
const itemsOf = (page: Page) => inboxOf(page).getByRole('listitem');
const linkOf = (page: Page) =>
  page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Notifications' });

test('an empty inbox says what will be there, and fills by itself', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([]);
  await signIn(customer);
  await page.goto('/notifications');
  await expect(inboxOf(page)).toContainText('Nothing to tell you yet');
  await expect(linkOf(page)).toContainText('none unread');
  await expect(page.getByRole('button', { name: 'Mark all as read' })).toBeDisabled();
  await expect(page.getByRole('banner').getByRole('status')).toHaveText('Live');

  const opening = { user_id: customer.id, account_type: 'checking', balance: 20 };
  const { id } = await teller.ask<{ id: number }>('POST', '/accounts', opening);
  await expect(itemsOf(page)).toHaveCount(1);
  await teller.ask('POST', '/deposits', { account_id: id, amount: 7.5 });
  await expect(itemsOf(page)).toHaveCount(2);
  await expect(itemsOf(page).first()).toContainText('You deposited $7.50.');
  await expect(itemsOf(page).first()).toContainText('Unread');
  await expect(linkOf(page)).toContainText('2 unread');
  await itemsOf(page).first().getByRole('link', { name: 'Deposit' }).click();
  await expect(page.getByRole('heading', { name: /^Transaction/ })).toBeVisible();
});

test('reads one, then the rest; the count and the unread filter follow', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([{ balance: 1 }, { balance: 2 }, { balance: 3 }]);
  await signIn(customer);
  await page.goto('/notifications');
  await expect(itemsOf(page)).toHaveCount(3);
  await expect(linkOf(page)).toContainText('3 unread');
  await itemsOf(page).first().getByRole('button', { name: 'Mark as read' }).click();
  await expect(linkOf(page)).toContainText('2 unread');
  await expect(itemsOf(page).first().getByRole('button', { name: 'Mark as read' })).toHaveCount(0);

  await page.getByRole('radio', { name: 'Unread only' }).check();
  await expect(itemsOf(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(inboxOf(page)).toContainText('You have read everything');
  await expect(linkOf(page)).toContainText('none unread');
  await page.getByRole('radio', { name: 'All' }).check();
  await expect(itemsOf(page)).toHaveCount(3);
  await page.reload();
  await expect(linkOf(page)).toContainText('none unread');
});

test('deletes one, which is gone after a reload as well', async ({ page, teller, signIn }) => {
  const customer = await teller.givenCustomer([{ balance: 11 }, { balance: 22 }]);
  await signIn(customer);
  await page.goto('/notifications');
  await expect(itemsOf(page)).toHaveCount(2);
  const text = `Account ${customer.accounts[0]?.id}`;
  await itemsOf(page).last().getByRole('button', { name: 'Delete' }).click();
  await expect(itemsOf(page)).toHaveCount(1);
  await expect(linkOf(page)).toContainText('1 unread');
  await page.reload();
  await expect(itemsOf(page)).toHaveCount(1);
  await expect(itemsOf(page)).not.toContainText(text);
});

test('what is read in one tab is read in the others', async ({ page, context, teller, signIn }) => {
  const customer = await teller.givenCustomer([{ balance: 1 }, { balance: 2 }]);
  await signIn(customer);
  const other = await context.newPage();
  for (const tab of [page, other]) {
    await tab.goto('/notifications');
    await expect(itemsOf(tab)).toHaveCount(2);
  }
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await expect(linkOf(page)).toContainText('none unread');
  await expect(linkOf(other)).toContainText('none unread');
  await expect(itemsOf(other).first()).not.toContainText('Unread');
});

test('a long inbox comes page by page', async ({ page, bank, signIn, teller }) => {
  const alice = bank.customers.alice;
  const all = await teller.ask<unknown[]>('GET', `/notifications?user_id=${alice.userId}&limit=1000`);
  await signIn(alice);
  await page.goto('/notifications');
  await expect(itemsOf(page)).toHaveCount(25);
  await inboxOf(page).getByRole('button', { name: 'Load more' }).click();
  await expect(itemsOf(page)).toHaveCount(Math.min(50, all.length));
});
