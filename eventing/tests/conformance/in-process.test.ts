// The conformance suite against the in-process broker.
import { startInProcessBroker } from '../../broker/in-process.ts';
import { testConformance } from './conformance.ts';
import { inThisProcess, withTriggers } from './testing/triggers-folder.ts';

testConformance({
  ...inThisProcess,
  kind: 'in-process',
  open: (triggers) => withTriggers(triggers, startInProcessBroker),
});
