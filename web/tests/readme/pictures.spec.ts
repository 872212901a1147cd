// The pictures of README.md, from the demo's customers.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test, type Teller } from '../testing/bank.ts';
import { settled } from '../testing/pages.ts';

const folder = join(import.meta.dirname, '../../readme');

async function take(page: Page, name: string): Promise<void> {
  await settled(page);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

test.describe('light', () => {
  test.use({ viewport: { width: 1280, height: 1010 } });

  test('dashboard', async ({ page, bank, signIn }) => {
    await signIn(bank.customers.alice);
    await page.goto('/');
    await expect(page.getByText('Live', { exact: true })).toBeVisible();
    await take(page, 'dashboard');
  });
});

test.describe('dark', () => {
  test.use({ viewport: { width: 1280, height: 1010 }, colorScheme: 'dark' });

  test('operations', async ({ page, bank, signIn, teller }) => {
    test.setTimeout(10 * 60_000);
    await keepBusy(teller, 6 * 60_000);
    await signIn({ name: 'Teller', ...bank.teller });
    await page.goto('/operations');
    await expect(page.getByText('Live', { exact: true })).toBeVisible();
    await take(page, 'operations');
  });
});

/** Something to count, for so long that charts have a shape: the demo books its history past the functions. */
async function keepBusy(teller: Teller, forMs: number): Promise<void> {
  const { accounts } = await teller.givenCustomer([{ balance: 5000 }]);
  const account = accounts[0]?.id ?? 0;
  const until = Date.now() + forMs;
  for (let round = 0; Date.now() < until; round += 1) {
    await teller.ask('POST', '/deposits', { account_id: account, amount: 10 });
    await teller.ask('POST', '/withdrawals', { account_id: account, amount: 5 });
    await teller.transactionsOf(account);
    await new Promise((resolve) => setTimeout(resolve, 150 + 130 * Math.sin(round / 40)));
  }
}

test.describe('phone', () => {
  test.use({ viewport: { width: 390, height: 780 }, isMobile: true, deviceScaleFactor: 2 });

  test('transfer', async ({ page, bank, signIn }) => {
    await signIn(bank.customers.alice);
    await page.goto('/transfer');
    await page.getByRole('radio', { name: 'To somebody else' }).check();
    await page.getByLabel('Their e-mail address').fill(bank.customers.bob.email);
    await page.getByRole('button', { name: 'Find' }).click();
    await expect(page.getByText('Bob M. takes this transfer')).toBeVisible();
    await page.getByLabel('Amount').fill('42.50');
    await page.getByLabel('Description').fill('Concert tickets');
    await page.getByRole('button', { name: 'Review' }).click();
    await take(page, 'phone');
  });
});
