// What the charts of the operations page draw, from the steps in which the bank counts.
import type { FunctionStats } from '../../../functions/operations/contract.ts';
import type { Point } from '../kit/charts/series.ts';

type Step = FunctionStats['series'][number];

/** The last step is still under way: what is counted of it so far would look like a fall. */
export function finishedSteps({ series }: Pick<FunctionStats, 'series'>): Step[] {
  return series.slice(0, -1);
}

/** A chart is at least this long: five minutes of the bank's steps of 30 s. */
const stepsMin = 11;

/** Without the time before the first request: a bank that was started a moment ago would be a needle at the chart's edge. */
export function sinceFirstRequest<S extends Pick<FunctionStats, 'series' | 'window_seconds'>>(stats: S): S {
  const { series, window_seconds } = stats;
  const first = series.findIndex(({ requests }) => requests > 0);
  const dropped = Math.max(0, Math.min(first === -1 ? 0 : first - 1, series.length - stepsMin));
  const kept = series.slice(dropped);
  return { ...stats, series: kept, window_seconds: (window_seconds * kept.length) / Math.max(series.length, 1) };
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
