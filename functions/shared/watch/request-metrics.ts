// Shows Prometheus what request-recorder.ts has counted. The dashboards and functions/operations/ask-prometheus.ts ask for these names.
import type { Metrics, Sample } from './metrics.ts';
import { bucketBoundsSeconds, outcomes, type RequestRecorder } from './request-recorder.ts';

/** `isAlone`: the process was started for one function, so its first request is one that waited for a start. */
export function measureRequests(metrics: Metrics, recorder: RequestRecorder, isAlone: boolean): void {
  const each = (samplesOf: (name: string) => Sample[]) => () => [...recorder.functions.keys()].flatMap(samplesOf);

  metrics.family(
    {
      name: 'microbank_function_requests_total',
      help: 'Requests by how they ended; probes do not count.',
      type: 'counter',
    },
    each((name) => {
      const { requests } = recorder.of(name).sinceStart();
      // Zeros as well: what is shown before the first request shows the first one as a step from 0 to 1.
      return outcomes.map((outcome) => ({ labels: { function: name, outcome }, value: requests[outcome] }));
    }),
  );
  metrics.family(
    {
      name: 'microbank_function_request_duration_seconds',
      help: 'From the request to the end of its answer; event streams do not count.',
      type: 'histogram',
    },
    each((name) => histogramOf(recorder, name)),
  );
  if (!isAlone) return;
  metrics.family(
    {
      name: 'microbank_function_cold_starts_total',
      help: '1 after the first request of a copy, which was started for it.',
      type: 'counter',
    },
    each((name) => {
      const { requests } = recorder.of(name).sinceStart();
      const isAsked = outcomes.some((outcome) => requests[outcome] > 0);
      return [{ labels: { function: name }, value: isAsked ? 1 : 0 }];
    }),
  );
}

function histogramOf(recorder: RequestRecorder, name: string): Sample[] {
  const { buckets, latencySecondsSum } = recorder.of(name).sinceStart();
  let count = 0;
  const samples = buckets.map((inBucket, index): Sample => {
    count += inBucket;
    const le = String(bucketBoundsSeconds[index] ?? '+Inf');
    return { suffix: '_bucket', labels: { function: name, le }, value: count };
  });
  const labels = { function: name };
  return [...samples, { suffix: '_sum', labels, value: latencySecondsSum }, { suffix: '_count', labels, value: count }];
}
