// What a first visit costs, as the browser counts it, and what it may load at all.
import type { Page } from '@playwright/test';
import { initialBytesMax } from '../build/measure-initial.ts';
import { expect, test } from './testing/bank.ts';
import { settled } from './testing/pages.ts';

type Visit = { scriptBytes: number; firstContentMs: number; hosts: string[] };

/**
 * Bytes as they came over the wire, of scripts that were asked for before the page's heading stood. What a page asks for later waits
 * for an answer of the bank; the first paint would be no border between the two, because a busy machine paints late.
 */
async function measureVisit(page: Page, path: string): Promise<Visit> {
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('h1')) return;
      performance.mark('heading');
      observer.disconnect();
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  await page.goto(path);
  await settled(page);
  return await page.evaluate(async () => {
    // Chromium enters a paint once the screen has shown it, which may be after all that the page itself waits for.
    const firstContentMs = await new Promise<number>((resolve) => {
      new PerformanceObserver((list) => {
        const [paint] = list.getEntriesByName('first-contentful-paint');
        if (paint) resolve(paint.startTime);
      }).observe({ type: 'paint', buffered: true });
    });
    const headingMs = performance.getEntriesByName('heading')[0]?.startTime ?? Number.NaN;
    const loaded = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const scripts = loaded.filter(({ name }) => name.endsWith('.js'));
    const early = scripts.filter(({ startTime }) => startTime <= headingMs);
    return {
      scriptBytes: early.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      firstContentMs,
      hosts: [...new Set(loaded.map(({ name }) => new URL(name).host))],
    };
  });
}

for (const path of ['/sign-in', '/']) {
  test(`a first visit to ${path} loads no more JavaScript than it may, from nobody but the bank`, async ({
    page,
    bank,
    baseURL,
    signIn,
  }) => {
    if (path === '/') await signIn(bank.customers.alice);
    const { scriptBytes, firstContentMs, hosts } = await measureVisit(page, path);
    expect(scriptBytes).toBeGreaterThan(10_000);
    expect(scriptBytes).toBeLessThanOrEqual(initialBytesMax);
    expect(hosts).toEqual([new URL(baseURL ?? '').host]);
    // Printed and not judged: it says as much about the machine and its load as about the page.
    console.log(`  ${path}: first content after ${firstContentMs.toFixed(0)} ms, ${scriptBytes} bytes of scripts`);
  });
}
