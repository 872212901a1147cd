// How the tests run: one real PostgreSQL for all files, and a last line that says how many passed and failed.
import { defineConfig } from 'vitest/config';
import type { Reporter, TestModule } from 'vitest/node';

export default defineConfig({
  test: {
    include: ['{functions,eventing,platform,observability,web}/**/*.test.ts'],
    globalSetup: 'functions/shared/testing/postgres-server.ts',
    setupFiles: 'functions/shared/testing/postgres-cleanup.ts',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default', countReporter()],
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

function isBroken(module: TestModule): boolean {
  return !module.ok() && [...module.children.allTests('failed')].length === 0;
}
