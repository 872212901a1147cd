// The conformance suite against any Knative Broker: `npm run test:broker`. Not part of `npm test`, which takes *.test.ts.
import { testConformance } from './conformance.ts';
import { knativeBroker } from './testing/knative-broker.ts';

testConformance(knativeBroker(), 360_000);
