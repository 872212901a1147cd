// What each function was asked in the last hour and how it answered, from whoever has counted it.
import type { Environment } from '../shared/process/environment.ts';
import { bucketBoundsSeconds, outcomes, stepSeconds, stepsKept, type Tally } from '../shared/watch/request-recorder.ts';
import { askPrometheus } from './ask-prometheus.ts';
import type { Counted } from './counted.ts';
import type { FunctionStats } from './contract.ts';
import { quantile } from './quantile.ts';
import { readRecorder } from './read-recorder.ts';

/** Throws Unavailable when there is a Prometheus and it does not answer: a number that is not known is not 0. */
export async function showFunctions({ config, requests, now }: Environment): Promise<FunctionStats> {
  const stepMs = stepSeconds * 1_000;
  const step = Math.floor(now().getTime() / stepMs);
  const firstMs = (step - stepsKept + 1) * stepMs;
  const window_seconds = stepSeconds * stepsKept;

  if (config.prometheusUrl !== undefined) {
    const counted = await askPrometheus(config.prometheusUrl, (step + 1) * stepSeconds);
    return { source: 'prometheus', window_seconds, ...render(counted, firstMs) };
  }
  // One function alone knows nothing of the others, which run elsewhere.
  if (requests.functions.size < 2) return { source: 'unknown', window_seconds, functions: [], series: [] };
  return { source: 'process', window_seconds, ...render(readRecorder(requests), firstMs) };
}

function render({ functions, steps }: Counted, firstMs: number): Pick<FunctionStats, 'functions' | 'series'> {
  return {
    functions: [...functions]
      .map(([name, { tally, copies, coldStarts }]) => {
        const { requests, errors, p50_ms, p95_ms } = renderTally(tally);
        const refusals = tally.requests.refused;
        return { name, requests, refusals, errors, p50_ms, p95_ms, copies, cold_starts: coldStarts };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    series: steps.map((tally, index) => ({
      at: new Date(firstMs + index * stepSeconds * 1_000).toISOString(),
      ...renderTally(tally),
    })),
  };
}

function renderTally({ requests, buckets }: Tally): Omit<FunctionStats['series'][number], 'at'> {
  return {
    requests: outcomes.reduce((sum, outcome) => sum + requests[outcome], 0),
    errors: requests.failed,
    p50_ms: percentileMs(0.5, buckets),
    p95_ms: percentileMs(0.95, buckets),
  };
}

function percentileMs(share: number, buckets: readonly number[]): number | null {
  const seconds = quantile(share, bucketBoundsSeconds, buckets);
  return seconds === null ? null : Math.round(seconds * 100_000) / 100;
}
