// Reads from Prometheus what every function's /metrics said in the last hour, and how many copies Knative runs.
import { bucketBoundsSeconds, outcomes, stepSeconds, stepsKept, type Tally } from '../shared/watch/request-recorder.ts';
import { prometheusAt, type Series } from './prometheus-api.ts';
import type { Counted } from './counted.ts';

/** Counters as functions/shared/watch/request-metrics.ts shows them. */
const requests = 'microbank_function_requests_total';
const latencies = 'microbank_function_request_duration_seconds_bucket';
const coldStarts = 'microbank_function_cold_starts_total';
/** Knative's autoscaler says this of every revision there is, 0 when it is scaled to zero. Other namespaces may be other banks. */
const copies =
  'kn_revision_pods_count and on (k8s_namespace_name) kn_revision_pods_count{kn_service_name="operations"}';
/** Services of one function, which is deployed once for each context. */
const relays = /^relay-(users|ledger)$/;

/** The hour up to `end`, in seconds since 1970, which may lie ahead by less than a step. */
export async function askPrometheus(prometheusUrl: string, end: number): Promise<Counted> {
  const ask = prometheusAt(prometheusUrl);
  const hour = { start: end, end, step: stepSeconds };
  const steps = { start: end - (stepsKept - 1) * stepSeconds, end, step: stepSeconds };
  const [counts, buckets, starts, running, stepCounts, stepBuckets] = await Promise.all([
    ask(`sum by (function, outcome) (${grown(requests, '1h')})`, hour),
    ask(`sum by (function, le) (${grown(latencies, '1h')})`, hour),
    ask(`sum by (function) (${grown(coldStarts, '1h')})`, hour),
    ask(`sum by (kn_service_name) (${copies})`, hour),
    ask(`sum by (outcome) (${grown(requests, `${stepSeconds}s`)})`, steps),
    ask(`sum by (le) (${grown(latencies, `${stepSeconds}s`)})`, steps),
  ]);

  const countsOf = Map.groupBy(counts, functionOf);
  const bucketsOf = Map.groupBy(buckets, functionOf);
  const startsOf = Map.groupBy(starts, functionOf);
  const copiesOf = Map.groupBy(running, functionOf);
  const names = new Set([...countsOf.keys(), ...copiesOf.keys()]);
  const functions = [...names].map((name) => {
    const tally = tallyAt(end, countsOf.get(name) ?? [], bucketsOf.get(name) ?? []);
    // A function that counts requests and no cold starts shares its process with others. One that had no copy had none to start.
    const unknown = countsOf.has(name) ? null : 0;
    const coldStarts = sumAt(end, startsOf.get(name)) ?? unknown;
    return [name, { tally, copies: sumAt(end, copiesOf.get(name)) ?? null, coldStarts }] as const;
  });
  return {
    functions: new Map(functions),
    steps: Array.from({ length: stepsKept }, (_, index) =>
      tallyAt(steps.start + index * stepSeconds, stepCounts, stepBuckets),
    ),
  };
}

/**
 * What a counter grew by. Not increase(): that leaves out what a copy had counted before it was first scraped, and here copies are
 * started by requests and gone soon after. The value before the window is looked for as far back as Prometheus may have paused;
 * where there is none, or a higher one from an earlier process, the counter began at 0. Windows side by side add up exactly.
 */
function grown(counter: string, window: string): string {
  const now = `last_over_time(${counter}[${window}])`;
  return `(${now} - last_over_time(${counter}[15m] offset ${window})) >= 0 or ${now}`;
}

/** Of a series of ours, or of Knative's. */
function functionOf({ labels }: Series): string {
  const name = labels['function'] ?? labels['kn_service_name'] ?? '';
  return relays.test(name) ? 'relay' : name;
}

function sumAt(at: number, series: readonly Series[] | undefined): number | undefined {
  return series?.reduce((sum, { valueAt }) => sum + valueAt(at), 0);
}

function tallyAt(at: number, counts: readonly Series[], buckets: readonly Series[]): Tally {
  const of = (outcome: string): number =>
    sumAt(
      at,
      counts.filter(({ labels }) => labels['outcome'] === outcome),
    ) ?? 0;
  const requests = Object.fromEntries(outcomes.map((outcome) => [outcome, of(outcome)])) as Tally['requests'];
  return { requests, buckets: bucketsAt(at, buckets) };
}

/** Prometheus' buckets hold all that is faster as well. A bound that only another version of the bank has is passed over. */
function bucketsAt(at: number, series: readonly Series[]): number[] {
  const below = new Map(
    series.map(({ labels, valueAt }) => [Number(labels['le']?.replace('+Inf', 'Infinity')), valueAt(at)]),
  );
  let counted = 0;
  return [...bucketBoundsSeconds, Infinity].map((bound) => {
    const upTo = Math.max(counted, below.get(bound) ?? 0);
    const inBucket = upTo - counted;
    counted = upTo;
    return inBucket;
  });
}
