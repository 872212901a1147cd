// How the tests run: Node's with one real PostgreSQL, components in a real Chromium, and one last line that counts them all.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';
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

/**
 * Ends the run with a line `Failed: WHAT: ERROR` for each failure, so that the end of a long log says what to look for, and then
 * `N passed, N failed`. A file that does not load, or an error outside tests, counts as a failure.
 */
function countReporter(): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const passed = modules.flatMap((module) => [...module.children.allTests('passed')]);
      const failed = modules.flatMap((module) => [...module.children.allTests('failed')]);
      const failures = [
        ...failed.map((test) => failure(`${test.module.relativeModuleId} > ${test.fullName}`, test.result().errors)),
        ...modules
          .filter((module) => isBroken(module))
          .map((module) => failure(module.relativeModuleId, errorsOf(module))),
        ...unhandledErrors.map((error) => failure('outside tests', [error])),
      ];
      for (const line of failures) console.log(line);
      console.log(`${passed.length} passed, ${failures.length} failed`);
    },
  };
}

function failure(what: string, errors: readonly SerializedError[] = []): string {
  const [error] = errors;
  if (error === undefined) return `Failed: ${what}: did not run`;
  const at = error.stacks?.[0];
  const [message] = stripVTControlCharacters(error.message).split('\n', 1);
  return `Failed: ${what}: ${message}${at === undefined ? '' : ` (${relative('.', at.file)}:${at.line})`}`;
}

/** Of loading it, and of what is done before and after its tests. */
function errorsOf(module: TestModule): SerializedError[] {
  return [module, ...module.children.allSuites()].flatMap((part) => part.errors());
}

/** Failed without a test that did, or never begun because its browser or its worker was not there. */
function isBroken(module: TestModule): boolean {
  if (module.state() === 'queued' || module.state() === 'pending') return true;
  return !module.ok() && [...module.children.allTests('failed')].length === 0;
}
