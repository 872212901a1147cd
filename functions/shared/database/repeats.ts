// How often this process has tried a statement again, by what was away. Shown by watch/ledger-metrics.ts.

/** From the start, so that the first one is a rise. */
const repeats = new Map<string, number>([['the database', 0]]);

export function addRepeat(what: string): void {
  repeats.set(what, (repeats.get(what) ?? 0) + 1);
}

export function countRepeats(): ReadonlyMap<string, number> {
  return repeats;
}
