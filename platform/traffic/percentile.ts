// Percentiles and medians of measured numbers.

/** The nearest-rank percentile (0 < `share` ≤ 1) of numbers in any order; NaN of none. Sorts a copy. */
export function percentile(values: readonly number[], share: number): number {
  return percentileOfSorted(Float64Array.from(values).sort(), share);
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function percentileOfSorted(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
