// Every page in both themes and on a phone: nothing that axe finds, nothing that jumps, nothing cut off; and a picture of each.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { axeFlaws } from './testing/axe.ts';
import { expect, test, type Teller, type TestedBank } from './testing/bank.ts';
import { listPages, settled, type ShownPage } from './testing/pages.ts';

const pictures = join(import.meta.dirname, 'output/screenshots');

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 860 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 860 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 360, height: 760 } },
  { name: 'small', colorScheme: 'dark', viewport: { width: 320, height: 640 } },
] as const;

for (const { name, colorScheme, viewport } of looks) {
  test.describe(name, () => {
    test.use({ colorScheme, viewport, contextOptions: { reducedMotion: 'reduce' } });

    for (const who of ['nobody', 'alice', 'teller'] as const) {
      test(`pages of ${who} have no flaw that axe finds, do not jump and fit`, async ({
        page,
        bank,
        teller,
        signIn,
      }) => {
        test.setTimeout(180_000);
        await observeShifts(page);
        // A network that is not this machine's own: what a page loads later is seen to come later, and must not push anything.
        await page.route('**/assets/*.js', async (route) => {
          await new Promise((resolve) => setTimeout(resolve, 100));
          await route.continue();
        });
        if (who === 'alice') await signIn(bank.customers.alice);
        if (who === 'teller') await signIn({ name: 'Teller', ...bank.teller });
        const flaws: string[] = [];
        for (const shown of await pagesOf(who, bank, teller)) flaws.push(...(await look(page, shown, name)));
        expect(flaws).toEqual([]);
      });
    }
  });
}

async function pagesOf(who: ShownPage['who'], bank: TestedBank, teller: Teller): Promise<ShownPage[]> {
  return (await listPages(bank, teller)).filter((page) => page.who === who);
}

async function look(page: Page, { name, path }: ShownPage, lookName: string): Promise<string[]> {
  await page.goto(path);
  await settled(page);
  await page.screenshot({ path: join(pictures, lookName, `${name}.png`), fullPage: lookName !== 'phone' });
  const flaws = await axeFlaws(page);
  const { overflow, shifts } = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    shifts: (window as unknown as { shifts: string[] }).shifts,
  }));
  return [
    ...flaws.map((flaw) => `${name}: ${flaw}`),
    ...(overflow > 0 ? [`${name}: ${overflow} px wider than the window`] : []),
    ...shifts.map((shift) => `${name}: ${shift}`),
  ];
}

/** Chromium's own measure (CLS). A badge that says "Live" has 0.001; 0.1 is where Google begins to call it poor. */
async function observeShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    type Source = { node?: Element; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly };
    type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: Source[] };
    const place = ({ x, y, width, height }: DOMRectReadOnly): string => `${x},${y} ${width}x${height}`;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Shift[]) {
        if (entry.hadRecentInput || entry.value < 0.005) continue;
        const moved = entry.sources.map(
          ({ node, previousRect, currentRect }) =>
            `${node?.className || node?.nodeName} from ${place(previousRect)} to ${place(currentRect)}`,
        );
        shifts.push(`jumps by ${entry.value.toFixed(3)} after ${entry.startTime.toFixed()} ms: ${moved.join(', ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}
