// The simulator finds what it is there for: each classic fault, put into the bank on purpose, within a few seeds.
import { afterAll, expect, test } from 'vitest';
import { givenDatabases } from '../../../functions/shared/testing/postgres.ts';
import {
  withAnswerBeforeEffect,
  withLastSeenId,
  withMarkBeforeSending,
  withoutReconciliation,
  withReceiptInItsOwnCommit,
  withSilenceAsYes,
} from './broken-parts.ts';
import { openDatabases } from './databases.ts';
import { loadParts, simulate, type Outcome, type Parts } from './simulate.ts';

/** Within so many seeds each of them has to be found. The rarest, the last id seen, shows in one seed of twenty. */
const seedsMax = 150;
const real = await loadParts();
const keepingTheirWord: Parts = { ...real, brokers: ['in process', 'queued'] };
const databases = await openDatabases(await givenDatabases());
afterAll(() => databases.close());

test.each<[string, () => Parts, RegExp]>([
  ['a consumer that commits effect and receipt apart', () => withReceiptInItsOwnCommit(real), /told of once too often/],
  [
    'a consumer that answers before its effect',
    () => withAnswerBeforeEffect(withoutReconciliation(keepingTheirWord)),
    /neither applied/,
  ],
  ['a relay that marks before it sends', () => withMarkBeforeSending(keepingTheirWord), /neither applied/],
  ['a relay that takes silence for a yes', () => withSilenceAsYes(real), /neither applied/],
  ['a relay that remembers the last id it has seen', withLastSeenId(keepingTheirWord), /not at rest|neither applied/],
])(
  'finds %s',
  async (_, parts, found) => {
    const failed = await firstFailure(parts, seedsMax);
    expect(failed?.violations.join()).toMatch(found);
  },
  120_000,
);

test('without reconciliation, what a broker loses stays lost, and nothing else does', async () => {
  const outcomes = await runSeeds(withoutReconciliation(real), 25);
  const failed = outcomes.filter(({ violations }) => violations.length > 0);
  expect(failed.length).toBeGreaterThan(0);
  for (const outcome of failed)
    expect(lossesOf(outcome), `seed ${outcome.seed}: ${outcome.violations.join()}`).toBeGreaterThan(0);
}, 120_000);

async function firstFailure(parts: () => Parts, seedsMax: number): Promise<Outcome | undefined> {
  for (let seed = 1; seed <= seedsMax; seed++) {
    const outcome = await simulate(seed, databases, parts());
    if (outcome.violations.length > 0) return outcome;
  }
  return undefined;
}

async function runSeeds(parts: Parts, count: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= count; seed++) outcomes.push(await simulate(seed, databases, parts));
  return outcomes;
}

function lossesOf({ faults }: Outcome): number {
  return [...faults].reduce((sum, [kind, count]) => sum + (kind.startsWith('broker loses') ? count : 0), 0);
}
