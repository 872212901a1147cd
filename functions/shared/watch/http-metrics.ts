// Requests by handler, method and status class, under the names that the original bank's dashboards ask for.
import { createCounter, createHistogram } from './counting.ts';
import type { Metrics } from './metrics.ts';

/** Buckets of the original's library (prometheus-fastapi-instrumentator); finer ones are in microbank_function_request_duration_seconds. */
const bounds = [0.1, 0.5, 1];
/** Others share a label: who makes up methods makes no series. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export type HttpMetrics = {
  /** `handler` is the route's path, as in `/accounts/{id}`; `none` where there is no such route. Without seconds: a stream, which has no latency. */
  record: (
    functionName: string,
    method: string,
    handler: string,
    status: number | undefined,
    seconds: number | undefined,
  ) => void;
};

/** `isAlone`: the process was started for one function, by Knative for a request, so how long the first answer took is a cold start. */
export function measureHttp(metrics: Metrics, isAlone = false): HttpMetrics {
  let firstAnswerSeconds: number | undefined;
  if (isAlone) {
    const help = "From the start of this copy's process to the end of its first answer.";
    metrics.gauge({ name: 'microbank_function_cold_start_seconds', help }, () =>
      Promise.resolve(firstAnswerSeconds === undefined ? [] : [{ value: firstAnswerSeconds }]),
    );
  }
  const labels = ['function', 'handler', 'method'];
  const count = createCounter(
    metrics,
    { name: 'http_requests_total', help: 'Requests by handler, method and status class; probes do not count.' },
    [...labels, 'status'],
  );
  const observe = createHistogram(
    metrics,
    {
      name: 'http_request_duration_seconds',
      help: 'From the request to the end of its answer, by handler and method.',
    },
    labels,
    bounds,
  );
  return {
    record(functionName, method, handler, status, seconds) {
      // performance.now() counts from the start of the process.
      if (status !== undefined) firstAnswerSeconds ??= performance.now() / 1_000;
      const known = methods.has(method) ? method : 'other';
      // nginx' number for a client who left before there was an answer, as a class of its own.
      count([functionName, handler, known, status === undefined ? 'gone' : `${Math.floor(status / 100)}xx`]);
      if (seconds !== undefined) observe([functionName, handler, known], seconds);
    },
  };
}
