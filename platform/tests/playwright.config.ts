// The journeys of web/tests that are run against a bank on a cluster; journeys.cluster.ts says in TESTED_BANK where it is.
import { defineConfig } from '@playwright/test';
import web from '../../web/tests/playwright.config.ts';

export default defineConfig({
  ...(web.use && { use: web.use }),
  testDir: '../../web/tests',
  testMatch: /\/(retry-safe|live|passkeys)\.spec\.ts$/,
  outputDir: '../../web/tests/output/traces-cluster',
  reporter: [['list'], ['../../web/tests/testing/count-reporter.ts']],
  forbidOnly: true,
  // Functions start from zero, and the whole cluster may have two cores.
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 30_000 },
});
