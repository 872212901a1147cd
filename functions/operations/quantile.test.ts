// Percentiles of a histogram; ask-prometheus.test.ts compares them with Prometheus' own.
import { expect, test } from 'vitest';
import { quantile } from './quantile.ts';

const bounds = [1, 2, 4];

test.each<[what: string, share: number, counts: number[], expected: number | null]>([
  ['nothing was counted', 0.5, [0, 0, 0, 0], null],
  ['all lie in the first bucket, which begins at 0', 0.5, [10, 0, 0, 0], 0.5],
  ['all lie in one bucket, spread evenly', 0.5, [0, 0, 10, 0], 3],
  ['the rank is exactly where a bucket ends', 0.5, [5, 5, 0, 0], 1],
  ['the rank lies inside the next bucket', 0.75, [5, 5, 0, 0], 1.5],
  ['buckets between are empty', 0.95, [10, 0, 10, 0], 3.8],
  ['one value was counted', 0.95, [0, 1, 0, 0], 1.95],
  ['it lies above the highest bound', 0.95, [1, 0, 0, 9], 4],
])('when %s', (_what, share, counts, expected) => {
  const found = quantile(share, bounds, counts);
  if (expected === null) expect(found).toBeNull();
  else expect(found).toBeCloseTo(expected, 9);
});
