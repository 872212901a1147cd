// Counts what became of the requests, by operation.

/** `refused`: the bank said no, with a code. `failed`: no answer, a fault, or an answer that makes no sense here. */
export type Outcome = { kind: 'ok' } | { kind: 'refused'; code: string } | { kind: 'failed'; reason: string };

export type OperationTally = {
  ok: number;
  refused: Map<string, number>;
  failed: Map<string, number>;
  /** Of every request that was answered, in ms, from when it was due. */
  latenciesMs: number[];
};

export type Tally = {
  record: (operation: string, outcome: Outcome, latencyMs: number) => void;
  operations: ReadonlyMap<string, OperationTally>;
  /** Of all operations together. */
  totals: { answered: number; refused: number; failed: number; retried: number; skipped: number };
};

export function createTally(): Tally {
  const operations = new Map<string, OperationTally>();
  const totals = { answered: 0, refused: 0, failed: 0, retried: 0, skipped: 0 };
  return {
    operations,
    totals,
    record(operation, outcome, latencyMs) {
      let tally = operations.get(operation);
      if (!tally)
        operations.set(operation, (tally = { ok: 0, refused: new Map(), failed: new Map(), latenciesMs: [] }));
      if (outcome.kind === 'failed') {
        totals.failed++;
        increment(tally.failed, outcome.reason);
        return;
      }
      totals.answered++;
      tally.latenciesMs.push(latencyMs);
      if (outcome.kind === 'ok') tally.ok++;
      else {
        totals.refused++;
        increment(tally.refused, outcome.code);
      }
    },
  };
}

export function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
