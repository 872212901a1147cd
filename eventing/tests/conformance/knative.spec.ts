// The conformance suite against any Knative Broker: `npm run test:broker`. Not part of `npm test`, which takes *.test.ts.
import { describe, test } from 'vitest';
import { testConformance } from './conformance.ts';
import { unseenDifferences } from './differences.ts';
import { knativeBroker } from './testing/knative-broker.ts';

testConformance(knativeBroker(), 360_000);

// Listed, so that nobody takes a green run for more than it says.
describe('known differences that no case can see', () => {
  test.skip.each(unseenDifferences)('$ours Knative: $knative', () => undefined);
});
