// The rights of a role as PostgreSQL has them, and statements that need a right which the role does not have.
import { escapeIdentifier, type Client } from 'pg';

const ofTables = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'];
const ofColumns = ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'];

type Held = {
  table: string;
  view: boolean;
  right: string;
  whole: boolean;
  columns: string[] | null;
  others: string[] | null;
};

/** By table, view, sequence and function of the database: `SELECT, UPDATE (read_at)`; an empty text for no right. */
export async function readRights(owner: Client, role: string): Promise<Record<string, string>> {
  const rights: Record<string, string> = {};
  for (const { table, right, whole, columns } of await tableRights(owner, role)) {
    const said = whole ? right : columns && `${right} (${columns.join(', ')})`;
    rights[table] = [rights[table], said].filter(Boolean).join(', ');
  }
  for (const { name, may } of await functionRights(owner, role)) rights[name] = may ? 'EXECUTE' : '';
  return rights;
}

/** One for each right that is missing: of a table's columns, each that it lacks. */
export async function refusedStatements(owner: Client, role: string): Promise<string[]> {
  const statements = (await tableRights(owner, role)).flatMap(({ table, view, right, whole, columns, others }) => {
    const name = escapeIdentifier(table);
    const lacking = (others ?? []).map(escapeIdentifier);
    if (whole) return [];
    if (right === 'SELECT') return lacking.map((column) => `SELECT ${column} FROM ${name}`);
    // Sums can't be written by anybody, which is refused for that reason.
    if (view) return [];
    if (right === 'UPDATE') return lacking.map((column) => `UPDATE ${name} SET ${column} = NULL`);
    if (right === 'INSERT' && columns === null) return [`INSERT INTO ${name} DEFAULT VALUES`];
    if (right === 'DELETE') return [`DELETE FROM ${name}`];
    if (right === 'TRUNCATE') return [`TRUNCATE ${name}`];
    return [];
  });
  const calls = (await functionRights(owner, role))
    .filter(({ may }) => !may)
    .map(({ called, types }) => `SELECT ${called}(${types.map((type) => `NULL::${type}`).join(', ')})`);
  return [...statements, ...calls];
}

async function tableRights(owner: Client, role: string): Promise<Held[]> {
  const { rows } = await owner.query<Held>(
    `SELECT relname AS table, relkind = 'v' AS view, "right", has_table_privilege($1, c.oid, "right") AS whole, held.columns, held.others
     FROM pg_class c CROSS JOIN unnest($2::text[]) WITH ORDINALITY AS r ("right", position)
     CROSS JOIN LATERAL (
       SELECT array_agg(attname::text ORDER BY attnum) FILTER (WHERE may) AS columns,
         -- What nobody can set, whatever their rights, is refused for another reason.
         array_agg(attname::text ORDER BY attnum) FILTER (
           WHERE NOT may AND ("right" <> 'UPDATE' OR (attgenerated = '' AND attidentity <> 'a'))
         ) AS others
       FROM pg_attribute, LATERAL (SELECT "right" = ANY ($3) AND has_column_privilege($1, attrelid, attnum, CASE WHEN "right" = ANY ($3) THEN "right" ELSE 'SELECT' END) AS may) m
       WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
     ) held
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY relname, position`,
    [role, ofTables, ofColumns],
  );
  return rows;
}

type Callable = { name: string; called: string; types: string[]; may: boolean };

async function functionRights(owner: Client, role: string): Promise<Callable[]> {
  const { rows } = await owner.query<Callable>(
    `SELECT oid::regprocedure::text AS name, proname AS called, has_function_privilege($1, oid, 'EXECUTE') AS may,
       ARRAY(SELECT format_type(type, NULL) FROM unnest(proargtypes) WITH ORDINALITY AS argument (type, position) ORDER BY position) AS types
     FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prorettype <> 'trigger'::regtype ORDER BY proname`,
    [role],
  );
  return rows.map((row) => ({
    ...row,
    name: row.name.replaceAll('timestamp with time zone', 'timestamptz').replaceAll(',', ', '),
  }));
}
