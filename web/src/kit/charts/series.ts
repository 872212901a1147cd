// What charts draw: points in time order, all series of a chart at the same moments.
import type { Total } from '../../../../functions/shared/contract/money.ts';

/** `null`: nothing is known there, and the line has a gap. A total is drawn as near as pixels are, and told to the last digit. */
export type Point = { at: Date; value: Total | null };
export type Series = { name: string; color: string; points: readonly Point[] };

/** What every chart is told. */
export type ChartProps = {
  title: string;
  series: readonly Series[];
  /** What the first column of the table holds. */
  pointLabel: string;
  /** A moment in the table and under the pointer. */
  formatPoint: (at: Date) => string;
  /** A moment at the axis, in few letters. */
  formatTime: (at: Date) => string;
  formatValue: (value: Total) => string;
  formatTick: (value: number) => string;
  height?: number;
};

/** Lowest and highest value with room for the line, always with zero in sight: a cut axis makes small changes look large. */
export function extentOf(series: readonly Series[]): [number, number] {
  const values = series.flatMap(({ points }) => points.map(({ value }) => Number(value ?? 0)));
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  return low === high ? [0, 1] : [low, high];
}
