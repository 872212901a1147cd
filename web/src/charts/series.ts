// What charts draw: points in time order, all series of a chart at the same moments.

/** `null`: nothing is known there, and the line has a gap. */
export type Point = { at: Date; value: number | null };
export type Series = { name: string; color: string; points: readonly Point[] };

/** Lowest and highest value with room for the line, always with zero in sight: a cut axis makes small changes look large. */
export function extentOf(series: readonly Series[]): [number, number] {
  const values = series.flatMap(({ points }) => points.map(({ value }) => value ?? 0));
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  return low === high ? [0, 1] : [low, high];
}
