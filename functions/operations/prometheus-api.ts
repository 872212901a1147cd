// Prometheus' HTTP API: one range query and its answer.
import * as z from 'zod';
import { Unavailable } from '../shared/contract/errors.ts';

/** `valueAt` a moment in seconds since 1970 that was asked for; 0 where the series has none. */
export type Series = { labels: Readonly<Record<string, string>>; valueAt: (seconds: number) => number };
export type Range = { start: number; end: number; step: number };
export type AskRange = (query: string, range: Range) => Promise<Series[]>;

const timeoutMs = 10_000;

const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
});

/** Asks the Prometheus at this address, which may have a path; throws Unavailable when it gives no answer that can be read. */
export function prometheusAt(prometheusUrl: string): AskRange {
  const url = new URL('api/v1/query_range', prometheusUrl.endsWith('/') ? prometheusUrl : `${prometheusUrl}/`);
  return async (query, { start, end, step }) => {
    const body = new URLSearchParams({ query, start: String(start), end: String(end), step: String(step) });
    const { data } = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(timeoutMs) })
      .then(async (response) => answer.parse(await response.json()))
      .catch((error: unknown) => {
        throw new Unavailable('Prometheus', error);
      });
    return data.result.map(({ metric, values }) => {
      const points = new Map(values.map(([at, value]) => [at, Number(value)]));
      return { labels: metric, valueAt: (seconds) => points.get(seconds) ?? 0 };
    });
  };
}
