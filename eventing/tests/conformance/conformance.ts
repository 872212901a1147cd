// The conformance suite: the same cases for every broker, black box, over HTTP.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { deadLetterCases } from './cases/dead-letters.ts';
import { deliveryCases } from './cases/delivery.ts';
import { flowCases } from './cases/flow.ts';
import { ingressCases } from './cases/ingress.ts';
import { replyCases } from './cases/replies.ts';
import { retryCases } from './cases/retries.ts';
import { type BrokerToTest, type Case, openSuite, type Suite } from './suite.ts';

const cases: readonly Case[] = [
  ...ingressCases,
  ...deliveryCases,
  ...retryCases,
  ...deadLetterCases,
  ...replyCases,
  ...flowCases,
];

/** Declares the cases for one broker. They share its triggers and run side by side: most of their time is waiting. */
export function testConformance(under: BrokerToTest, openMs = 30_000): void {
  describe.concurrent(`broker ${under.kind}`, () => {
    let suite: Suite;
    beforeAll(async () => {
      suite = await openSuite(under);
    }, openMs);
    // Undefined when the broker could not be opened.
    afterAll(() => (suite as Suite | undefined)?.close(), openMs);

    test.each(cases)('%s', (_name, run) => run(suite), 3 * under.patienceMs + under.quietMs);
  });
}
