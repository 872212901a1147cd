// Runs the faults one after the other; apart from `npm test`, because they take minutes of real time.
import bank from '../../../vitest.config.ts';

export default {
  test: {
    ...bank.test,
    include: ['eventing/tests/faults/*.spec.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    // Each scenario says in one line what it did and how long it took to drain.
    disableConsoleIntercept: true,
  },
};
