// Databases of a test file's own: copies of the migrated templates, dropped when the file ends (postgres-cleanup.ts calls that).
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';
import { inject } from 'vitest';
import {
  addressOf,
  databaseNames,
  restrictDatabase,
  type DatabaseAddress,
  type DatabaseAddresses,
} from '../../../platform/local/databases.ts';
import type { DatabaseName, DatabaseRole } from '../contract/function.ts';
import { roleName } from '../database/roles.ts';
import { templateOf } from './postgres-server.ts';

const given: string[] = [];

/**
 * Fresh copies of the three databases: for each, `url` is the writer's and `adminUrl` the owner's.
 * May be called at the top of a test file, in a hook or in a test, also several times.
 */
export async function givenDatabases(): Promise<DatabaseAddresses> {
  const { adminUrl, passwords } = inject('postgres');
  const suffix = randomBytes(6).toString('hex');
  const copies = await Promise.all(
    databaseNames.map(async (name) => {
      const database = `test_${name}_${suffix}`;
      given.push(database);
      await asAdmin(async (admin) => {
        await admin.query(
          `create database ${escapeIdentifier(database)} template ${escapeIdentifier(templateOf(name))}`,
        );
        await restrictDatabase(admin, name, database); // Not copied with the template.
      });
      return [name, addressOf(adminUrl, name, database, passwords)] as const;
    }),
  );
  return Object.fromEntries(copies) as DatabaseAddresses;
}

/** The address for another role of that database. */
export function addressAs({ url }: DatabaseAddress, name: DatabaseName, role: DatabaseRole): string {
  return Object.assign(new URL(url), { username: roleName(name, role) }).href;
}

/** Drops what was given to this file. @throws when the file left connections open: something of it still runs. */
export async function dropGivenDatabases(graceMs = 2_000): Promise<void> {
  const databases = given.splice(0);
  if (databases.length === 0) return;
  await asAdmin(async (admin) => {
    const deadline = Date.now() + graceMs; // A connection that was just ended is listed a moment longer.
    let open = await openConnections(admin, databases);
    while (open.length > 0 && Date.now() < deadline) {
      await sleep(20);
      open = await openConnections(admin, databases);
    }
    // Side by side, since each waits for a checkpoint and they can share it.
    await Promise.all(
      databases.map(async (database) =>
        asAdmin(async (other) => {
          await other.query(`drop database if exists ${escapeIdentifier(database)} with (force)`);
        }),
      ),
    );
    if (open.length > 0) throw new Error(`this test file left database connections open: ${open.join('; ')}`);
  });
}

async function openConnections(admin: Client, databases: readonly string[]): Promise<string[]> {
  const { rows } = await admin.query<{ connection: string }>(
    `select concat_ws(', ', datname, usename, nullif(application_name, ''), state, left(query, 80)) as connection
     from pg_stat_activity where datname = any($1) and backend_type = 'client backend'`,
    [databases],
  );
  return rows.map((row) => row.connection);
}

async function asAdmin(work: (admin: Client) => Promise<void>): Promise<void> {
  const admin = new Client({ connectionString: inject('postgres').adminUrl });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
