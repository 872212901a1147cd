// The business numbers as a cluster's PostgreSQL is asked for them: by the role that its exporter is a member of, with the search path that it
// sets, read-only. The operator itself is not here; platform/tests asks a real one.
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { DatabaseName } from '../../functions/shared/contract/function.ts';
import { givenDatabases } from '../../functions/shared/testing/postgres.ts';

type Query = {
  query: string;
  target_databases: DatabaseName[];
  primary: boolean;
  metrics: Record<string, { usage: 'LABEL' | 'GAUGE' }>[];
};
const file = new URL('../../platform/base/data/business-queries.yaml', import.meta.url);
const queries = Object.entries(parse(await readFile(file, 'utf8')) as Record<string, Query>);
const databases = await givenDatabases();
const asked = queries.flatMap(([name, query]) =>
  query.target_databases.map((database) => ({ name, database, ...query })),
);

test.each(asked)('$name of $database is what its metrics say', async ({ query, database, metrics, primary }) => {
  expect(primary).toBe(true);
  const client = new Client({ connectionString: databases[database].adminUrl });
  await client.connect();
  try {
    // As CloudNativePG 1.30 asks (pkg/management/postgres/metrics/collector.go): its role inherits pg_monitor.
    await client.query('BEGIN READ ONLY; SET LOCAL ROLE pg_monitor');
    await client.query('SET LOCAL search_path TO pg_catalog, public, pg_temp');
    const { fields, rows } = await client.query<Record<string, unknown>>(query);
    const columns = metrics.flatMap((column) => Object.entries(column));
    expect(fields.map(({ name }) => name)).toEqual(columns.map(([name]) => name));
    for (const row of rows) {
      for (const [name, { usage }] of columns) if (usage === 'GAUGE') expect(Number(row[name]), name).not.toBeNaN();
    }
  } finally {
    await client.end();
  }
});
