// Takes the pictures of README.md: `npm run screenshots`. Not a part of the tests, since it writes into the checkout.
import { defineConfig } from '@playwright/test';
import tested from '../playwright.config.ts';

export default defineConfig({
  ...tested,
  testDir: '.',
  outputDir: '../output/traces',
  globalSetup: '../testing/start-bank.ts',
  reporter: 'list',
  workers: 1,
  projects: [{ name: 'readme', testMatch: 'pictures.spec.ts' }],
});
