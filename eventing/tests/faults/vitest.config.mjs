// Runs the faults one after the other; apart from `npm test`, because they take minutes of real time.
import bank from '../../../vitest.config.ts';

export default {
  test: {
    // Of the whole suite's only the last line that counts: no other project of it has a part in this.
    reporters: bank.test.reporters,
    globalSetup: ['functions/shared/testing/postgres-server.ts', 'web/tests/testing/built-pages.ts'],
    setupFiles: 'functions/shared/testing/postgres-cleanup.ts',
    include: ['eventing/tests/faults/*.spec.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    // Each scenario says in one line what it did and how long it took to drain.
    disableConsoleIntercept: true,
  },
};
