// `npm run dev` as somebody uses it who edits the pages: a real Chromium has one open, and a source changes.
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { expect, onTestFinished, test } from 'vitest';
import { launchOptions } from '../../web/tests/testing/chromium.ts';
import { checkout } from './settings.ts';
import { npmStart } from './testing/npm-start.ts';

test('a page that is open takes over what was edited, beside the same API', { timeout: 120_000 }, async () => {
  const data = await mkdtemp(join(tmpdir(), 'microbank-dev-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const bank = npmStart({ MICROBANK_DATA: join(data, 'data'), MICROBANK_HOT_RELOAD: 'yes' });
  const address = await bank.ready();
  expect(bank.output()).toContain('web UI with hot reload');
  expect((await fetch(`${address}/api/openapi.json`)).status).toBe(200);

  const browser = await chromium.launch(launchOptions);
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await page.goto(`${address}/sign-in`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expect.poll(() => said.join('\n'), { timeout: 30_000 }).toContain('[vite] connected');

  // Only the time of the file changes: of a style sheet, Vite asks no more.
  await utimes(join(checkout, 'web/src/styles/base.css'), new Date(), new Date());
  await expect.poll(() => said.join('\n'), { timeout: 30_000 }).toContain('hot updated: /src/styles/base.css');
});
