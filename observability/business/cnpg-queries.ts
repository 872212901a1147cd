// The business numbers as CloudNativePG's custom queries, which its exporter runs on a cluster. Rendered into platform/base/data by
// `npm run render`.
import { stringify } from 'yaml';
import { businessMetrics, queryOf, type BusinessMetric } from './business-numbers.ts';

/**
 * One query for each view and database; a view that two databases have is asked in both. By the primary alone: a copy of it would count
 * everything once more.
 */
export function cnpgQueries(): string {
  const queries = new Map<string, { query: string; databases: string[]; metric: BusinessMetric }>();
  for (const metric of businessMetrics) {
    const known = queries.get(metric.view);
    if (known) known.databases.push(metric.database);
    else queries.set(metric.view, { query: queryOf(metric), databases: [metric.database], metric });
  }
  return stringify(
    Object.fromEntries(
      [...queries].map(([view, { query, databases, metric }]) => [
        view,
        { query, target_databases: databases, primary: true, metrics: columnsOf(metric) },
      ]),
    ),
    { lineWidth: 0 },
  );
}

function columnsOf({ labels, values }: BusinessMetric): object[] {
  const column = (name: string, usage: 'LABEL' | 'GAUGE', description: string) => ({ [name]: { usage, description } });
  return [
    ...['datname', ...labels].map((label) => column(label, 'LABEL', label)),
    ...Object.entries(values).map(([name, description]) => column(name, 'GAUGE', description)),
  ];
}
