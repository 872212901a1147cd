// German and English: the whole page, numbers as each writes them, chosen by the browser or the reader.
import type { Page } from '@playwright/test';
import { de } from '../src/words/de.ts';
import { en } from '../src/words/en.ts';
import { expect, test } from './testing/bank.ts';
import { listPages, settled } from './testing/pages.ts';

const german = new Set(textsOf(de));
/** What English says and German says otherwise. */
const onlyEnglish = new Set(textsOf(en).filter((text) => !german.has(text)));

function textsOf(messages: unknown): string[] {
  if (typeof messages === 'string') return [messages];
  return typeof messages === 'object' && messages !== null ? Object.values(messages).flatMap(textsOf) : [];
}

/** All that can be seen, and what a screen reader says besides; what is marked as English is meant to be. */
async function said(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts: string[] = [document.title.split(' · ')[0] ?? ''];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement: parent, textContent: text } = walker.currentNode;
      if (parent?.closest('[lang="en"], script, noscript') === null) texts.push(text?.trim() ?? '');
    }
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
      for (const element of document.querySelectorAll(`[${name}]`)) texts.push(element.getAttribute(name) ?? '');
    }
    return texts;
  });
}

test('a reader chooses German on the way in; all of it changes and stays so', async ({ page, teller, signIn }) => {
  await page.goto('/sign-in');
  await page.getByRole('radio', { name: 'Deutsch' }).check();
  await expect(page.getByRole('heading', { name: 'Anmelden' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page).toHaveTitle('Anmelden · microbank');
  await signIn(await teller.givenCustomer([]));
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Guten Tag, Carla' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');

  await page.goto('/profile');
  await page.getByRole('radio', { name: 'English' }).check();
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

for (const [locale, heading] of Object.entries({ 'de-AT': 'Anmelden', 'fr-FR': 'Sign in', 'en-GB': 'Sign in' })) {
  test.describe(`a browser that speaks ${locale}`, () => {
    test.use({ locale });

    test(`begins with “${heading}”`, async ({ page }) => {
      await page.goto('/');
      await expect(page.getByRole('heading', { name: heading })).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('lang', heading === 'Anmelden' ? 'de' : 'en');
    });
  });
}

test.describe('in a German browser', () => {
  test.use({ locale: 'de-DE' });

  test('no page says anything in English', async ({ page, bank, teller, signIn }) => {
    test.setTimeout(120_000);
    const found: string[] = [];
    let signedIn = 'nobody';
    for (const { path, name, who } of await listPages(bank, teller)) {
      if (who !== signedIn) await signIn(who === 'alice' ? bank.customers.alice : { name: '', ...bank.teller });
      signedIn = who;
      await page.goto(path);
      await settled(page);
      const filters = page.getByRole('button', { name: de.account.filters, exact: true, expanded: false });
      if (await filters.isVisible()) await filters.click();
      const texts = await said(page);
      expect(texts.filter((text) => german.has(text)).length, `${name} speaks German`).toBeGreaterThan(4);
      found.push(...texts.filter((text) => onlyEnglish.has(text)).map((text) => `${name}: ${text}`));
    }
    expect(signedIn).toBe('teller');
    expect(found).toEqual([]);
  });

  test('amounts are typed and shown as Germans write them', async ({ page, teller, signIn }) => {
    const customer = await teller.givenCustomer([{ balance: 1000 }]);
    const id = customer.accounts[0]?.id ?? 0;
    await signIn(customer);
    await page.goto(`/deposit?account=${id}`);
    const amount = page.getByLabel('Betrag');
    await amount.fill('1,234.50');
    await amount.blur();
    await expect(amount).toHaveAccessibleDescription('Schreiben Sie den Betrag so: 1.234,50 $');
    await amount.fill('1.234,5');
    await amount.blur();
    await expect(amount).toHaveValue('1.234,50');
    await page.getByRole('button', { name: 'Prüfen' }).click();
    await expect(page.getByRole('main')).toContainText('Kontostand danach 2.234,50 $');
    await page.getByRole('button', { name: 'Jetzt einzahlen' }).click();
    await expect(page.getByText('Eingezahlt', { exact: true })).toBeVisible();
    expect(await teller.balanceOf(id)).toBe(2234.5);
  });

  test('dates and their calendar speak German', async ({ page, bank, teller, signIn }) => {
    const [account] = await teller.ask<{ id: number }[]>('GET', `/accounts?user_id=${bank.customers.bob.userId}`);
    await signIn(bank.customers.bob);
    await page.goto(`/accounts/${account?.id}/statement`);
    const from = page.getByRole('group', { name: 'Von' });
    const parts = from.getByRole('spinbutton');
    await expect(parts).toHaveCount(3);
    for (const [index, name] of ['Tag, Von', 'Monat, Von', 'Jahr, Von'].entries()) {
      await expect(parts.nth(index)).toHaveAccessibleName(name);
    }
    await parts.first().click();
    await page.keyboard.type('05032026');
    await from.getByRole('button', { name: de.common.chooseDate }).click();
    const calendar = page.getByRole('application');
    await expect(calendar).toHaveAccessibleName('Von März 2026');
    await calendar.getByRole('button', { name: de.common.nextMonth }).click();
    await expect(calendar).toHaveAccessibleName('Von April 2026');
    await expect(calendar.getByRole('button', { name: de.common.previousMonth })).toBeVisible();
    await calendar.getByRole('button', { name: 'Dienstag, 14. April 2026' }).click();
    await expect(parts).toHaveText(['14', '04', '2026']);
  });
});

const shown = {
  'en-US': { JPY: '¥1,234,567', USD: '$1,234,567.80', KWD: 'KWD 1,234.567' },
  'de-DE': { JPY: '1.234.567 ¥', USD: '1.234.567,80 $', KWD: '1.234,567 KWD' },
};
for (const [locale, texts] of Object.entries(shown)) {
  test.describe(locale, () => {
    test.use({ locale });

    test('shows no decimals of yen, two of dollars and three of dinars', async ({ page, teller, signIn }) => {
      const customer = await teller.givenCustomer([
        { currency: 'JPY', balance: 1_234_567 },
        { currency: 'USD', balance: 1_234_567.8 },
        { currency: 'KWD', balance: 1234.567 },
      ]);
      await signIn(customer);
      for (const { id, currency } of customer.accounts) {
        const text = texts[currency as keyof typeof texts];
        await page.goto(`/accounts/${id}`);
        await expect(page.getByText(text, { exact: true }).first()).toBeVisible();
        await expect(page.getByText(`+${text}`, { exact: true })).toBeVisible();
      }
    });
  });
}
