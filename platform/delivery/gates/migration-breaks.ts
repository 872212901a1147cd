// Says which migrations would take something away from the version that still runs, or from who has to go back to it.

/** SQL by file, as `ledger/0001-ledger.sql`. */
export type Migrations = ReadonlyMap<string, string>;

/**
 * A released migration stays as it is, and a new one comes after all of its database that are released. What cannot be taken back says in
 * its first lines why it may be done:
 *   -- expand: TEXT                    it looks like taking away and is not, such as filling in a new column
 *   -- contract: DATABASE/FILE TEXT    what that migration replaced; it has to be released already, so that no running version needs it
 */
export function findMigrationBreaks(released: Migrations, current: Migrations): string[] {
  const breaks: string[] = [];
  for (const [file, sql] of released) {
    const is = current.get(file);
    if (is === undefined) breaks.push(`${file}: is gone, but databases have it`);
    else if (is !== sql) breaks.push(`${file}: was changed after its release; databases that have it never see that`);
  }
  for (const [file, sql] of current) {
    if (!released.has(file)) breaks.push(...checkNew(file, sql, released).map((line) => `${file}: ${line}`));
  }
  return breaks;
}

function checkNew(file: string, sql: string, released: Migrations): string[] {
  const last = [...released.keys()]
    .filter((other) => databaseOf(other) === databaseOf(file))
    .sort()
    .at(-1);
  const breaks =
    last !== undefined && file < last
      ? [`comes before ${last}, which is released: databases that have that one skip it`]
      : [];
  return [...breaks, ...withoutExcuse(sql, released)];
}

function withoutExcuse(sql: string, released: Migrations): string[] {
  const found = statementsOf(sql).flatMap(whatItTakes);
  if (found.length === 0) return [];
  const [, kind, text = ''] = /^--\s*(expand|contract):\s*(.+)$/m.exec(headOf(sql)) ?? [];
  if (kind === 'expand') return [];
  if (kind === 'contract') {
    const [expanded = ''] = text.split(/\s/);
    return released.has(expanded) ? [] : [`says it contracts ${expanded}, which is in no release yet`];
  }
  return found.map((what) => `${what}, and says neither expand nor contract`);
}

function databaseOf(file: string): string {
  return file.split('/')[0] ?? '';
}

/** The comments before the first statement. */
function headOf(sql: string): string {
  return /^(?:\s*--.*\n)*/.exec(sql)?.[0] ?? '';
}

/** Without comments, texts and bodies of functions: what a function does later takes nothing away now. */
function statementsOf(sql: string): string[] {
  return sql
    .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replaceAll(/--.*$/gm, '')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim());
}

const takes: [pattern: RegExp, what: string][] = [
  [
    /^DROP (TABLE|VIEW|MATERIALIZED VIEW|TYPE|SCHEMA|SEQUENCE|FUNCTION|PROCEDURE|DOMAIN) (IF EXISTS )?(\S+)/i,
    'drops $1 $3',
  ],
  [/\bDROP (?:COLUMN )?(?:IF EXISTS )?(?!CONSTRAINT|DEFAULT|NOT|COLUMN|EXPRESSION|IDENTITY)(\w+)/i, 'drops column $1'],
  [/\bRENAME (?:COLUMN |CONSTRAINT )?(?:(\w+) )?TO (\w+)/i, 'renames to $2'],
  [/\bALTER (?:COLUMN )?(\w+) (?:SET DATA )?TYPE\b/i, 'changes the type of column $1'],
  [/\bALTER (?:COLUMN )?(\w+) SET NOT NULL\b/i, 'demands column $1'],
  [/\bALTER (?:COLUMN )?(\w+) DROP DEFAULT\b/i, 'takes the default of column $1'],
  [/\bADD (?:COLUMN )?(?:IF NOT EXISTS )?(\w+) (?!.*\b(?:DEFAULT|GENERATED)\b)[^,]*\bNOT NULL\b/i, 'demands column $1'],
  [/^TRUNCATE (?:TABLE )?(\S+)/i, 'empties $1'],
  [/^DELETE FROM (\S+)/i, 'deletes rows of $1'],
  [/^UPDATE (\S+)/i, 'rewrites rows of $1'],
  [/^REVOKE (?!.* FROM PUBLIC$).*? FROM (\w+)/i, 'takes a right of $1'],
];

function whatItTakes(statement: string): string[] {
  const isDropping = /^DROP /i.test(statement);
  return takes.flatMap(([pattern, what], index) => {
    // The second pattern is for a part of ALTER TABLE.
    if (index === 1 && (isDropping || !/^ALTER TABLE /i.test(statement))) return [];
    const found = pattern.exec(statement);
    return found === null ? [] : [what.replaceAll(/\$(\d)/g, (_, group: string) => found[Number(group)] ?? '')];
  });
}
