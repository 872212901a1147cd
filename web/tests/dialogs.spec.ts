// What opens over a page or comes and goes on it: dialogs, calendars, filters, messages. No flaw that axe finds, in both themes.
import type { Page } from '@playwright/test';
import { axeFlaws } from './testing/axe.ts';
import { expect, test, type Customer, type Teller } from './testing/bank.ts';
import { settled } from './testing/pages.ts';

type Case = { name: string; open: (page: Page, customer: Customer) => Promise<void>; who?: 'teller' };

const first = ({ accounts }: Customer): number => accounts[0]?.id ?? 0;

const cases: Case[] = [
  {
    name: 'closing an account that still holds money',
    async open(page, customer) {
      await page.goto(`/accounts/${first(customer)}`);
      await page.getByRole('button', { name: 'Close account' }).click();
      await expect(page.getByRole('dialog')).toContainText('It still holds');
    },
  },
  {
    name: 'leaving the bank with an open account',
    async open(page) {
      await page.goto('/profile');
      await page.getByRole('button', { name: 'Leave the bank' }).click();
      await page.getByRole('button', { name: 'Leave and erase' }).click();
      await expect(page.getByRole('dialog').getByRole('alert')).toContainText('open accounts left');
    },
  },
  {
    name: 'reversing a transaction without a reason',
    who: 'teller',
    async open(page, customer) {
      await page.goto(`/accounts/${first(customer)}`);
      await page.getByRole('link', { name: 'Lunch' }).click();
      await page.getByRole('button', { name: 'Reverse' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Reverse' }).click();
      await expect(page.getByRole('dialog')).toContainText('Fill this in.');
    },
  },
  {
    name: 'editing oneself with every field wrong',
    async open(page) {
      await page.goto('/profile');
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByRole('dialog').getByLabel('E-mail address').fill('nonsense');
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('dialog')).toContainText('Fill this in.');
    },
  },
  {
    name: 'changing the password',
    async open(page) {
      await page.goto('/profile');
      await page.getByRole('button', { name: 'Change password' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Change password' }).click();
      await expect(page.getByRole('dialog')).toContainText('Fill this in.');
    },
  },
  {
    name: 'adding a passkey',
    async open(page) {
      await page.goto('/profile');
      await page.getByRole('button', { name: 'Add a passkey' }).click();
      await page.getByRole('button', { name: 'Create passkey' }).click();
      await expect(page.getByRole('dialog')).toContainText('Fill this in.');
    },
  },
  {
    name: 'signing out everywhere',
    async open(page) {
      await page.goto('/profile');
      await page.getByRole('button', { name: 'Sign out everywhere' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'a code for a new password',
    who: 'teller',
    async open(page, customer) {
      await page.goto(`/customers/${customer.id}`);
      await page.getByRole('button', { name: 'Code for a new password' }).click();
      await page.getByRole('button', { name: 'Make the code' }).click();
      await expect(page.getByRole('dialog')).toContainText('Good once');
    },
  },
  {
    name: 'a new overdraft limit',
    who: 'teller',
    async open(page, customer) {
      await page.goto(`/accounts/${first(customer)}`);
      await page.getByRole('button', { name: 'Change overdraft limit' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Change overdraft limit' }).click();
      await expect(page.getByRole('dialog')).toContainText('Enter an amount.');
    },
  },
  {
    name: 'the filters of the audit trail',
    who: 'teller',
    async open(page, customer) {
      await page.goto(`/operations/audit?subject=accounts%2F${first(customer)}`);
      await page.getByRole('button', { name: 'Filters', exact: true }).click();
      await page.getByLabel('By whom: customer number').fill('nonsense');
      await page.getByLabel('By whom: customer number').press('Enter');
      await page.getByRole('listitem').getByText('Details').first().click();
    },
  },
  {
    name: 'filters with a calendar open',
    async open(page, customer) {
      await page.goto(`/accounts/${first(customer)}`);
      await page.getByRole('button', { name: 'Filters' }).click();
      await page.getByLabel('Amount from').fill('nonsense');
      await page.getByRole('button', { name: 'Choose a date' }).first().click();
      await expect(page.getByRole('grid')).toBeVisible();
    },
  },
  {
    name: 'a form with every field wrong',
    async open(page) {
      await page.goto('/transfer');
      await page.getByRole('radio', { name: 'To somebody else' }).check();
      await page.getByRole('button', { name: 'Review' }).click();
      await expect(page.getByText('Enter an amount.')).toBeVisible();
    },
  },
  {
    name: 'a look at an order, and the banner of no connection',
    async open(page) {
      await page.goto('/withdraw');
      await page.getByLabel('Amount').fill('12.5');
      await page.getByRole('button', { name: 'Review' }).click();
      await page.context().setOffline(true);
      await expect(page.getByText('You are offline.')).toBeVisible();
    },
  },
  {
    name: 'a message at the edge of the page',
    async open(page, customer) {
      await page.goto('/');
      await expect(page.getByText('Live', { exact: true })).toBeVisible();
      const deposit = { account_id: first(customer), amount: 5, description: 'Live' };
      await page.evaluate(async (body) => {
        const headers = { 'content-type': 'application/json', 'x-requested-with': 'microbank-web' };
        await fetch('/api/deposits', { method: 'POST', headers, body: JSON.stringify(body) });
      }, deposit);
      await expect(page.getByRole('region', { name: 'Messages' })).toContainText('5.00');
    },
  },
];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    for (const { name, who, open } of cases) {
      test(`${name} has no flaw that axe finds`, async ({ page, bank, teller, signIn }) => {
        const customer = await givenSomebody(teller);
        await signIn(who === 'teller' ? { name: 'Teller', ...bank.teller } : customer);
        await open(page, customer);
        await settled(page);
        expect(await axeFlaws(page)).toEqual([]);
      });
    }
  });
}

async function givenSomebody(teller: Teller): Promise<Customer> {
  const customer = await teller.givenCustomer([{ balance: 300 }]);
  await teller.ask('POST', '/withdrawals', { account_id: first(customer), amount: 20, description: 'Lunch' });
  return customer;
}
