// Percentiles of a histogram, as Prometheus' histogram_quantile has them: within a bucket, values are taken to be spread evenly.

/**
 * The value that `share` of the counted values do not exceed; null when nothing was counted. `counts` has one bucket more than there are
 * `bounds`, for what lies above them all: of that nothing is known but that it is more than the highest bound, which is then the answer.
 */
export function quantile(share: number, bounds: readonly number[], counts: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = share * total;
  let below = 0;
  for (let i = 0; i < bounds.length; i++) {
    const [count = 0, lower = 0, upper = 0] = [counts[i], bounds[i - 1], bounds[i]];
    if (count > 0 && below + count >= rank) return lower + (upper - lower) * ((rank - below) / count);
    below += count;
  }
  return bounds.at(-1) ?? null;
}
