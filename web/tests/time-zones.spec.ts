// Days where readers are far from UTC, or on the day a clock changes: charts and statements have the bank's days, in UTC, and say so.
import type { Day } from '../../functions/read-accounts/contract.ts';
import type { Statement } from '../../functions/read-statement/contract.ts';
import { formatTime } from '../src/words/format.ts';
import { expect, test } from './testing/bank.ts';
import { checkingOf } from './testing/demo-accounts.ts';

const inUtc = (moment: string): string => formatTime(moment, 'en-US', 'date', 'UTC');

// Ahead of UTC by more than half a day; where clocks changed over a date line; behind it.
for (const timezoneId of ['Pacific/Kiritimati', 'Pacific/Apia', 'America/New_York']) {
  test.describe(`in ${timezoneId}`, () => {
    test.use({ timezoneId });
    test.beforeEach(async ({ bank, signIn }) => signIn(bank.customers.alice));

    test('the charts’ days are those of the API, and the page says whose they are', async ({ page, bank, teller }) => {
      const path = `/accounts/days?user_id=${bank.customers.alice.userId}&currency=USD`;
      const days = await teller.ask<Day[]>('GET', path);
      await page.goto('/');
      const figure = page.getByRole('figure', { name: 'Balance over 90 days' });
      await figure.getByRole('button', { name: 'Show as table' }).click();
      const shown = await figure.locator('tbody tr th, tbody tr td:first-child').allTextContents();
      expect(shown.map((text) => text.trim())).toEqual(days.map(({ date }) => inUtc(date)).reverse());
      await expect(page.getByText('These days begin and end at midnight UTC.')).toBeVisible();
    });

    test('a statement has the bank’s days, on paper too, where all other times name their zone', async ({
      page,
      bank,
      teller,
    }) => {
      const { id } = await checkingOf(bank, teller);
      const said = await teller.ask<Statement>('GET', `/accounts/${id}/statement`);
      await page.goto(`/accounts/${id}/statement`);
      const rows = page.getByRole('table').locator('tbody').getByRole('row');
      await expect(rows).toHaveCount(said.entries.length);
      const dates = await rows.locator('td:first-child').allTextContents();
      expect(dates).toEqual(said.entries.map(({ timestamp }) => inUtc(timestamp)));
      await page.emulateMedia({ media: 'print' });
      await expect(page.getByText('UTC: days begin and end at midnight UTC.')).toBeVisible();
      await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
      await expect(page.getByText(`Times are in ${timezoneId} unless they say UTC.`)).toBeVisible();
    });

    test('a day looked for in the history is the reader’s own, and says so', async ({ page, bank, teller }) => {
      const { id } = await checkingOf(bank, teller);
      await page.goto(`/accounts/${id}`);
      await page.getByRole('button', { name: 'Filter' }).click();
      await expect(page.getByText(`Days begin and end at midnight in your time zone, ${timezoneId}.`)).toBeVisible();
    });
  });
}
