// What the charts of the operations page draw, from the steps in which the bank counts.
import type { FunctionStats } from '../../functions/operations/contract.ts';
import type { Point } from './charts/series.ts';

type Step = FunctionStats['series'][number];

/** The last step is still under way: what is counted of it so far would look like a fall. */
export function finishedSteps({ series }: Pick<FunctionStats, 'series'>): Step[] {
  return series.slice(0, -1);
}

/** At the end of each step, how many there were in the minute before: whole requests, and not older than a step. */
export function perMinute(
  { series, window_seconds }: Pick<FunctionStats, 'series' | 'window_seconds'>,
  what: 'requests' | 'errors',
): Point[] {
  const stepSeconds = window_seconds / Math.max(series.length, 1);
  const stepsInMinute = Math.max(1, Math.round(60 / stepSeconds));
  const steps = finishedSteps({ series });
  return steps.slice(stepsInMinute - 1).map((last, index) => ({
    at: new Date(Date.parse(last.at) + stepSeconds * 1_000),
    value: steps.slice(index, index + stepsInMinute).reduce((sum, step) => sum + step[what], 0),
  }));
}
