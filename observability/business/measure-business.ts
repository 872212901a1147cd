// Shows the business numbers on `/metrics` of a bank that runs in one process. On a cluster PostgreSQL's own exporter shows them: cnpg-queries.ts.
import type { DatabaseName } from '../../functions/shared/contract/function.ts';
import { retrying, type BankPool } from '../../functions/shared/database/pool.ts';
import { keptFor } from '../../functions/shared/watch/kept-for.ts';
import type { Metrics, Sample } from '../../functions/shared/watch/metrics.ts';
import { businessMetrics, metricName, queryOf, type BusinessMetric } from './business-numbers.ts';

/** As CloudNativePG's `metricsQueriesTTL` is by default: the sums read whole tables. */
const keptMs = 30_000;

/** Nothing is read before the first scrape. `keptForMs` is for tests, which change numbers faster than dashboards look at them. */
export function measureBusiness(
  metrics: Metrics,
  pools: Record<DatabaseName, () => BankPool>,
  keptForMs = keptMs,
): void {
  const readers = businessMetrics.map((metric) => ({
    metric,
    read: keptFor(keptForMs, () =>
      retrying(() => readRows(pools[metric.database](), metric), { what: metric.database }),
    ),
  }));
  for (const name of new Set(businessMetrics.flatMap(namesOf))) {
    const own = readers.filter(({ metric }) => namesOf(metric).includes(name));
    const { labels, values, view } = (own[0] as (typeof own)[number]).metric;
    const column = Object.keys(values).find((key) => metricName(view, key) === name) as string;
    metrics.gauge({ name, help: values[column] as string, labels: ['datname', ...labels] }, async () => {
      const rows = await Promise.all(own.map(({ read }) => read()));
      return rows.flat().map((row) => sampleOf(row, ['datname', ...labels], column));
    });
  }
}

function namesOf({ view, values }: BusinessMetric): string[] {
  return Object.keys(values).map((column) => metricName(view, column));
}

type Row = Record<string, string | number | bigint>;

async function readRows(pool: BankPool, metric: BusinessMetric): Promise<Row[]> {
  return (await pool.query<Row>(queryOf(metric))).rows;
}

function sampleOf(row: Row, labels: readonly string[], column: string): Sample {
  return { labels: Object.fromEntries(labels.map((label) => [label, String(row[label])])), value: Number(row[column]) };
}
