// What a first visit costs, as the browser counts it, and what it may load at all.
import type { Page } from '@playwright/test';
import { initialBytesMax } from '../build/measure-initial.ts';
import { expect, test } from './testing/bank.ts';
import { settled } from './testing/pages.ts';

type Visit = { scriptBytes: number; firstContentMs: number; hosts: string[] };

/** Bytes as they came over the wire, by when the page was first seen. */
async function measureVisit(page: Page, path: string): Promise<Visit> {
  await page.goto(path);
  await settled(page);
  return await page.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const loaded = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const scripts = loaded.filter(({ name }) => name.endsWith('.js'));
    const early = scripts.filter(({ startTime }) => startTime <= (paint?.startTime ?? 0));
    return {
      scriptBytes: early.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      firstContentMs: paint?.startTime ?? Number.NaN,
      hosts: [...new Set(loaded.map(({ name }) => new URL(name).host))],
    };
  });
}

for (const path of ['/sign-in', '/']) {
  test(`a first visit to ${path} loads no more JavaScript than it may, from nobody but the bank`, async ({
    page,
    bank,
    signIn,
  }) => {
    if (path === '/') await signIn(bank.customers.alice);
    const { scriptBytes, firstContentMs, hosts } = await measureVisit(page, path);
    expect(scriptBytes).toBeGreaterThan(10_000);
    expect(scriptBytes).toBeLessThanOrEqual(initialBytesMax);
    expect(hosts).toEqual([new URL(bank.origin).host]);
    // Printed and not judged: it says as much about the machine and its load as about the page.
    console.log(`  ${path}: first content after ${firstContentMs.toFixed(0)} ms, ${scriptBytes} bytes of scripts`);
  });
}
