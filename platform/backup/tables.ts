// What of a database is copied: its tables in an order in which they can be filled, and its counters.
import type { ClientBase } from 'pg';

export type Table = {
  name: string;
  /** Those that can be written: generated ones follow from them. */
  columns: string[];
};

export type Counter = { table: string; column: string; value: string };

/** Kept by the migrations themselves; a restore compares it and does not write it. */
const migrationTables = ['kysely_migration', 'kysely_migration_lock'];

/** A table comes after those that it refers to. */
export async function readTables(client: ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and not c.relname = any($1)
     group by c.relname order by c.relname`,
    [migrationTables],
  );
  const { rows: references } = await client.query<{ from: string; to: string }>(
    `select f.relname as from, t.relname as to
     from pg_constraint r join pg_class f on f.oid = r.conrelid join pg_class t on t.oid = r.confrelid
     where r.contype = 'f' and f.oid <> t.oid and r.connamespace = 'public'::regnamespace`,
  );
  return inOrder(rows, references);
}

function inOrder(tables: readonly Table[], references: readonly { from: string; to: string }[]): Table[] {
  const ordered: Table[] = [];
  const waiting = new Set(tables);
  while (waiting.size > 0) {
    const ready = [...waiting].filter(({ name }) =>
      references.every(({ from, to }) => from !== name || ![...waiting].some((table) => table.name === to)),
    );
    if (ready.length === 0)
      throw new Error(`tables refer to each other in a circle: ${[...waiting].map(({ name }) => name).join(', ')}`);
    for (const table of ready) {
      ordered.push(table);
      waiting.delete(table);
    }
  }
  return ordered;
}

/** The numbers that identity columns gave out last; those that gave none are left out. */
export async function readCounters(client: ClientBase): Promise<Counter[]> {
  const { rows } = await client.query<Counter>(
    `select c.relname as table, a.attname as column, s.last_value::text as value
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attidentity <> ''
     cross join lateral pg_get_serial_sequence(format('public.%I', c.relname), a.attname) as sequence
     join pg_sequences s on format('%I.%I', s.schemaname, s.sequencename) = sequence
     where c.relnamespace = 'public'::regnamespace and s.last_value is not null
     order by c.relname, a.attname`,
  );
  return rows;
}

export async function readMigrations(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration order by name');
  return rows.map(({ name }) => name);
}
