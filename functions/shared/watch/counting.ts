// Counters and histograms kept as plain numbers, one for each combination of label values; Prometheus is shown them when it asks.
import type { Metrics, Sample } from './metrics.ts';

type Told = { name: string; help: string };

/** Label values come from lists that are known beforehand: each combination is kept for as long as the process lives. */
export type Count = (values: readonly string[], by?: number) => void;
export type Observe = (values: readonly string[], value: number) => void;

/** `known` combinations are shown from the start, so that the first one is a rise from 0 and not a series out of nothing. */
export function createCounter(
  metrics: Metrics,
  told: Told,
  labels: readonly string[],
  known: readonly (readonly string[])[] = [],
): Count {
  const counts = new Map<string, { values: readonly string[]; count: number }>();
  const of = (values: readonly string[]) => keptOf(counts, values, () => ({ values, count: 0 }));
  for (const values of known) of(values);
  metrics.family({ ...told, type: 'counter' }, () =>
    [...counts.values()].map(({ values, count }) => ({ labels: named(labels, values), value: count })),
  );
  return (values, by = 1) => {
    of(values).count += by;
  };
}

/** `bounds` are the buckets' upper ones, ascending, without infinity. */
export function createHistogram(
  metrics: Metrics,
  told: Told,
  labels: readonly string[],
  bounds: readonly number[],
): Observe {
  type Kept = { values: readonly string[]; buckets: Float64Array; sum: number };
  const observed = new Map<string, Kept>();
  metrics.family({ ...told, type: 'histogram' }, () => [...observed.values()].flatMap(samplesOf));

  function samplesOf({ values, buckets, sum }: Kept): Sample[] {
    const own = named(labels, values);
    let count = 0;
    const samples = [...buckets].map((inBucket, index): Sample => {
      count += inBucket;
      return { suffix: '_bucket', labels: { ...own, le: String(bounds[index] ?? '+Inf') }, value: count };
    });
    return [...samples, { suffix: '_sum', labels: own, value: sum }, { suffix: '_count', labels: own, value: count }];
  }

  return (values, value) => {
    const kept = keptOf(observed, values, () => ({ values, buckets: new Float64Array(bounds.length + 1), sum: 0 }));
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    kept.buckets[bucket] = (kept.buckets[bucket] as number) + 1;
    kept.sum += value;
  };
}

function keptOf<T>(all: Map<string, T>, values: readonly string[], make: () => T): T {
  const key = values.length === 1 ? (values[0] as string) : values.join('\n');
  let kept = all.get(key);
  if (kept === undefined) all.set(key, (kept = make()));
  return kept;
}

function named(labels: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(labels.map((label, index) => [label, values[index] ?? '']));
}
