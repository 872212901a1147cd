// How the web UI is tested: a real Chromium against a bank of its own, started as `npm start` does. Run by `npm run test:web`.
import { defineConfig, type ReporterDescription } from '@playwright/test';
import { launchOptions } from './testing/chromium.ts';

const reporters: ReporterDescription[] = [['list'], ['./testing/count-reporter.ts']];

export default defineConfig({
  testDir: '.',
  outputDir: 'output/traces',
  globalSetup: './testing/start-bank.ts',
  reporter: reporters,
  // Two cores, one of which the bank needs.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    locale: 'en-US',
    timezoneId: 'Europe/Berlin',
    colorScheme: 'light',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions,
  },
  projects: [
    { name: 'journeys', testMatch: /\.spec\.ts$/, testIgnore: /\/(faults|readme)\// },
    // These stop the whole bank or a part of it, so nothing else runs beside them.
    {
      name: 'faults',
      testMatch: /\/faults\/.*\.spec\.ts$/,
      dependencies: ['journeys'],
      fullyParallel: false,
      workers: 1,
    },
  ],
});
