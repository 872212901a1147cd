// How the tests run: Node's with one real PostgreSQL, components in a real Chromium, and one last line that counts them all.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import type { Reporter, TestModule } from 'vitest/node';
import { neverServed } from './web/build/never-served.ts';
import { launchOptions } from './web/tests/testing/chromium.ts';

const inBrowser = 'web/src/**/*.svelte.test.ts';

export default defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Most of a test's time goes into waiting for servers; the usual one core less than there are would leave a machine of two half idle.
    maxWorkers: '100%',
    reporters: ['default', countReporter()],
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['{functions,eventing,platform,observability,web}/**/*.test.ts'],
          exclude: [inBrowser, '**/node_modules/**'],
          // The pages once, rather than by each test that starts a bank.
          globalSetup: ['functions/shared/testing/postgres-server.ts', 'web/tests/testing/built-pages.ts'],
          setupFiles: 'functions/shared/testing/postgres-cleanup.ts',
        },
      },
      {
        extends: true,
        plugins: [svelte({ configFile: 'web/svelte.config.js' })],
        server: { fs: { deny: neverServed } },
        // Packages that are found only while tests run would be bundled anew then, and bring a second Svelte with them.
        optimizeDeps: { entries: ['web/src/**/*.{svelte,ts}'] },
        test: {
          name: 'browser',
          include: [inBrowser],
          setupFiles: 'web/tests/testing/page.ts',
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions, contextOptions: { locale: 'en-US' } }),
            instances: [{ browser: 'chromium' }],
            viewport: { width: 1024, height: 768 },
            screenshotFailures: false,
          },
        },
      },
    ],
  },
});

/** Ends the run with `N passed, N failed`. A file that does not load, or an error outside tests, counts as a failure. */
function countReporter(): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const count = (state: 'passed' | 'failed'): number =>
        modules.reduce((sum, module) => sum + [...module.children.allTests(state)].length, 0);
      const broken = modules.filter((module) => isBroken(module)).length + unhandledErrors.length;
      console.log(`${count('passed')} passed, ${count('failed') + broken} failed`);
    },
  };
}

/** Failed without a test that did, or never begun because its browser or its worker was not there. */
function isBroken(module: TestModule): boolean {
  if (module.state() === 'queued' || module.state() === 'pending') return true;
  return !module.ok() && [...module.children.allTests('failed')].length === 0;
}
