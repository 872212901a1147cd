// Everything that the bank's databases hold, as one text for each table: what was refused has left no trace in any.
import type pg from 'pg';
import type { WholeBank } from '../../api/testing/whole-bank.ts';

export async function fingerprint({ admin, environment }: WholeBank): Promise<Record<string, string>> {
  await environment.handOver.drained();
  const found: Record<string, string> = {};
  for (const [name, pool] of Object.entries(admin)) {
    for (const table of await tablesOf(pool)) found[`${name}.${table}`] = await digestOf(pool, table);
  }
  return found;
}

async function tablesOf(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

async function digestOf(pool: pg.Pool, table: string): Promise<string> {
  const query = `SELECT count(*) || ' ' || coalesce(md5(string_agg(row::text, ' ' ORDER BY row::text)), '') AS digest FROM ${table} AS row`;
  return (await pool.query<{ digest: string }>(query)).rows[0]?.digest ?? '';
}
