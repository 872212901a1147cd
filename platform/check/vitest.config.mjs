// Checks the manifests without a cluster; apart from `npm test`, because it needs kustomize and shellcheck.
import bank from '../../vitest.config.ts';

export default {
  test: {
    reporters: bank.test.reporters,
    include: ['platform/check/*.spec.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
};
