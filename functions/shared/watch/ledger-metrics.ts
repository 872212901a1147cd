// What the ledger and the databases do, as numbers: postings by outcome, commits by time and size, and what had to be tried again.
import { createCounter, createHistogram } from './counting.ts';
import { countRepeats } from '../database/repeats.ts';
import type { CommitSeen } from '../ledger/post.ts';
import type { Metrics } from './metrics.ts';

/** A commit of some postings takes 2 ms on a quiet laptop; a lock time-out ends it after 2 s. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** Up to `groupMax` of ledger/post.ts. */
const groupBounds = [1, 2, 4, 8, 16, 32];

export function measureLedger(metrics: Metrics): CommitSeen {
  const count = createCounter(
    metrics,
    {
      name: 'microbank_ledger_postings_total',
      help: 'Postings by outcome: completed, replayed, the code of a refusal, or failed with their commit, to be tried alone.',
    },
    ['outcome'],
    [['completed'], ['replayed'], ['failed']],
  );
  const observe = createHistogram(
    metrics,
    {
      name: 'microbank_ledger_commit_seconds',
      help: 'From the ledger to its database and back, for a group of postings.',
    },
    [],
    bounds,
  );
  const observeGroup = createHistogram(
    metrics,
    { name: 'microbank_ledger_group_postings', help: 'Postings that were committed together.' },
    [],
    groupBounds,
  );
  return (seconds, outcomes) => {
    observe([], seconds);
    observeGroup([], outcomes.length);
    for (const outcome of outcomes) count([outcome]);
  };
}

/** Of this process, whichever of its functions had to try again. */
export function measureRepeats(metrics: Metrics): void {
  const family = {
    name: 'microbank_database_repeats_total',
    help: 'Statements that were tried again after a passing fault of a database.',
    type: 'counter',
  } as const;
  metrics.family(family, () => [...countRepeats()].map(([what, value]) => ({ labels: { what }, value })));
}
