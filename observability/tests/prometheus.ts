// Asks a Prometheus what dashboards and alerts ask it.
import * as z from 'zod';

const vector = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});
const names = z.object({ data: z.array(z.string()) });
const alerts = z.object({
  data: z.object({ alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })) }),
});

export type Point = { labels: Record<string, string>; value: number };

/** Grafana fills in a window of four scrapes or more. */
export async function ask(prometheus: string, expr: string, window = '30s'): Promise<Point[]> {
  const query = expr.replaceAll('$__rate_interval', window);
  const response = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`);
  if (response.status !== 200) throw new Error(`${query}: ${await response.text()}`);
  const { data } = vector.parse(await response.json());
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

export async function metricNames(prometheus: string): Promise<Set<string>> {
  return new Set(names.parse(await (await fetch(`${prometheus}/api/v1/label/__name__/values`)).json()).data);
}

/** By name: those that fire, and not those that still wait for their time. */
export async function firingAlerts(prometheus: string): Promise<Set<string>> {
  return new Set((await firingLabels(prometheus)).map(({ alertname = '' }) => alertname));
}

export async function firingLabels(prometheus: string): Promise<Record<string, string>[]> {
  const { data } = alerts.parse(await (await fetch(`${prometheus}/api/v1/alerts`)).json());
  return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels);
}

/** Names of metrics in an expression: what is followed by a selector, a window, an operator or the end, and is no function or label. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/\{[^}]*\}/g, '{}')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right) *\([^)]*\)/g, '')
    .replaceAll(/\[[^\]]*\]/g, '');
  return [...bare.matchAll(/\b([a-z_][a-z0-9_:]*[_:][a-z0-9_:]*)\b(?! *\()/g)].map(([, name]) => name as string);
}
