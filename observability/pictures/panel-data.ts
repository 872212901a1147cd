// What a panel shows, asked of a Prometheus as Grafana would ask it: a range for lines, the latest value for everything else.
import * as z from 'zod';
import type { Dashboard, Panel } from '../dashboards/spec.ts';

/** Times in milliseconds since 1970, in order. */
export type Series = { name: string; points: readonly { at: number; value: number }[] };
export type PanelData = { panel: Panel; series: readonly Series[] };
/** Milliseconds since 1970. `scrapeSeconds` is that of most jobs. */
export type Span = { from: number; to: number; scrapeSeconds: number };

const labels = z.record(z.string(), z.string());
const sample = z.tuple([z.number(), z.string()]);
const answer = z.object({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: labels, value: sample })) }),
    z.object({
      resultType: z.literal('matrix'),
      result: z.array(z.object({ metric: labels, values: z.array(sample) })),
    }),
  ]),
});

/** A point for every four pixels of a panel that is half a page wide. */
const pointsMax = 150;

/** Rows of panels with their data, in order. @throws when Prometheus refuses a query: it is named. */
export async function readDashboard(prometheus: string, { rows }: Dashboard, span: Span): Promise<PanelData[][]> {
  return Promise.all(rows.map((row) => Promise.all(row.panels.map((panel) => readPanel(prometheus, panel, span)))));
}

async function readPanel(prometheus: string, panel: Panel, span: Span): Promise<PanelData> {
  const isRange = panel.kind === 'time-series';
  const found = await Promise.all(
    panel.queries.map(async ({ expr, legend }) => {
      const series = await ask(prometheus, expr, span, isRange);
      return series.map(({ metric, points }) => ({ name: nameOf(legend, metric), points }));
    }),
  );
  return { panel, series: found.flat() };
}

type Found = { metric: Record<string, string>; points: { at: number; value: number }[] };

async function ask(prometheus: string, expr: string, span: Span, isRange: boolean): Promise<Found[]> {
  const { from, to, scrapeSeconds } = span;
  const step = Math.max(scrapeSeconds, Math.ceil((to - from) / 1_000 / pointsMax));
  // As Grafana reckons it: never less than four scrapes.
  const window = Math.max(step + scrapeSeconds, 4 * scrapeSeconds);
  const query = expr.replaceAll('$__rate_interval', `${window}s`);
  const words = isRange
    ? { query, start: String(from / 1_000), end: String(to / 1_000), step: String(step) }
    : { query, time: String(to / 1_000) };
  const path = isRange ? 'query_range' : 'query';
  const response = await fetch(`${prometheus}/api/v1/${path}?${new URLSearchParams(words).toString()}`);
  if (response.status !== 200) throw new Error(`Prometheus refuses ${query}: ${await response.text()}`);
  const { data } = answer.parse(await response.json());
  if (data.resultType === 'vector')
    return data.result.map(({ metric, value }) => ({ metric, points: [pointOf(value)] }));
  return data.result.map(({ metric, values }) => ({ metric, points: values.map(pointOf) }));
}

function pointOf([seconds, value]: [number, string]): { at: number; value: number } {
  return { at: seconds * 1_000, value: Number(value) };
}

/** Label values in the place of double braces. */
function nameOf(legend: string, metric: Record<string, string>): string {
  return legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '');
}
