// Runs the cluster's tests one after the other, in the order of steps.mjs; apart from `npm test`, because they need a cluster and two hours.
import { BaseSequencer } from 'vitest/node';
import bank from '../../vitest.config.ts';
import { steps } from './steps.mjs';

class InOrder extends BaseSequencer {
  sort(files) {
    const place = ({ moduleId }) => steps.findIndex((step) => moduleId.endsWith(`/${step}.cluster.ts`));
    return [...files].sort((a, b) => place(a) - place(b));
  }
}

export default {
  test: {
    reporters: bank.test.reporters,
    include: steps.map((step) => `platform/tests/${step}.cluster.ts`),
    globalSetup: 'platform/tests/testing/print-figures.ts',
    sequence: { sequencer: InOrder },
    fileParallelism: false,
    // A later step on a bank that an earlier one could not set up would only say the same again, after a long wait.
    bail: 1,
    testTimeout: 600_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    disableConsoleIntercept: true,
  },
};
