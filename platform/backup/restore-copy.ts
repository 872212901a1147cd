// Puts a copy in place of what the databases hold: all three or none. As their owners, after the migrations of the version that made it.
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import type { Addresses } from './back-up.ts';
import { type DatabaseContents, readContents } from './contents.ts';
import { copyIn } from './copy.ts';
import { readMigrations } from './tables.ts';

const names = ['users', 'ledger', 'notifications'] as const;

/** Waiting for the tables longer means that somebody still works on them: the edge is to be stopped first. */
const lockTimeout = '30s';

/** Returns how many rows each database holds now. @throws CopyOfOtherVersion before anything is changed. */
export async function restoreCopy(addresses: Addresses, folder: string): Promise<Record<string, number>> {
  const { databases } = await readContents(folder);
  const clients: Client[] = [];
  const rows: Record<string, number> = {};
  try {
    for (const name of names) {
      const client = new Client({
        connectionString: addresses[name],
        application_name: 'restore',
        connectionTimeoutMillis: 10_000,
      });
      clients.push(client);
      // A lost connection is told to whoever asks next.
      client.on('error', () => undefined);
      await client.connect();
      await client.query('begin');
      await requireSameSchema(client, name, databases[name]);
    }
    for (const [i, name] of names.entries())
      rows[name] = await fill(clients[i] as Client, databases[name], join(folder, name));
    for (const client of clients) await client.query('commit');
    return rows;
  } finally {
    // Where nothing was committed, the end of the connection rolls back.
    await Promise.all(clients.map((client) => client.end()));
  }
}

export class CopyOfOtherVersion extends Error {
  constructor(database: string, copy: readonly string[], now: readonly string[]) {
    super(
      `the copy of ${database} was made after migration ${copy.at(-1) ?? 'none'}, the database is at ${now.at(-1) ?? 'none'}: ` +
        'restore with the version that made it, and migrate then',
    );
  }
}

async function requireSameSchema(client: Client, name: string, { migrations }: DatabaseContents): Promise<void> {
  const now = await readMigrations(client);
  if (now.join() !== migrations.join()) throw new CopyOfOtherVersion(name, migrations, now);
}

async function fill(client: Client, { tables, counters }: DatabaseContents, folder: string): Promise<number> {
  const all = tables.map(({ name }) => escapeIdentifier(name));
  await client.query(`set local lock_timeout = '${lockTimeout}'`);
  await client.query(`lock table ${all.join(', ')} in access exclusive mode`);
  // Those that keep history from being rewritten, and those that would tell the live stream all of it again.
  for (const table of all) await client.query(`alter table ${table} disable trigger user`);
  await client.query(`truncate table ${all.join(', ')}`);
  let sum = 0;
  for (const table of tables) {
    const rows = await copyIn(client, table, folder);
    if (rows !== table.rows) throw new Error(`${table.name} has ${rows} of ${table.rows} rows: the copy is damaged`);
    sum += rows;
  }
  // Deferred checks are done here: a table with checks pending cannot be altered.
  await client.query('set constraints all immediate');
  for (const table of all) await client.query(`alter table ${table} enable trigger user`);
  for (const { table, column, value } of counters)
    await client.query(`select setval(pg_get_serial_sequence($1, $2), $3)`, [escapeIdentifier(table), column, value]);
  return sum;
}
