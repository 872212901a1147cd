// Runs schemathesis against a bank; apart from `npm test`, because it takes minutes, and as many as one gives it.
import bank from '../../../vitest.config.ts';

export default {
  test: {
    reporters: bank.test.reporters,
    include: ['functions/tests/schema/*.spec.ts'],
    // How much was asked is said in one line for each role.
    disableConsoleIntercept: true,
  },
};
