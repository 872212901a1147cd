// Copies the three databases into a new folder. Not by pg_dump: that has to be of the server's version, and this runs from our own image.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { DatabaseName } from '../../functions/shared/contract/function.ts';
import { type Contents, contentsFile, copiesIn, type DatabaseContents } from './contents.ts';
import { copyOut } from './copy.ts';
import { readCounters, readMigrations, readTables } from './tables.ts';

export type Addresses = Record<DatabaseName, string>;

/**
 * In this order: an event that the ledger's copy calls applied is in the copy of notifications, which is taken after it; and whoever has
 * an account is among the users. Milliseconds lie between them; what falls there is settled by the relay, as after a crash.
 */
const order = ['ledger', 'users', 'notifications'] as const;

/** Returns the name of the new copy; deletes all but the `kept` newest after it is whole. */
export async function backUp(addresses: Addresses, folder: string, kept: number, now = new Date()): Promise<string> {
  const name = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const unfinished = join(folder, `${name}.unfinished`);
  await mkdir(unfinished, { recursive: true });
  try {
    const databases = await copyAll(addresses, unfinished);
    const contents: Contents = { begun_at: now.toISOString(), databases };
    await writeFile(join(unfinished, contentsFile), JSON.stringify(contents, undefined, 2));
    await rename(unfinished, join(folder, name));
  } catch (error) {
    await rm(unfinished, { recursive: true });
    throw error;
  }
  for (const old of (await copiesIn(folder)).slice(0, -kept)) await rm(join(folder, old), { recursive: true });
  return name;
}

async function copyAll(addresses: Addresses, folder: string): Promise<Contents['databases']> {
  const clients: Client[] = [];
  try {
    for (const name of order) clients.push(await openSnapshot(addresses[name]));
    const copied = {} as Contents['databases'];
    for (const [i, name] of order.entries())
      copied[name] = await copyDatabase(clients[i] as Client, join(folder, name));
    return copied;
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

/** From here on this connection sees the database as it is now. */
async function openSnapshot(address: string): Promise<Client> {
  const client = new Client({ connectionString: address, application_name: 'backup', connectionTimeoutMillis: 10_000 });
  // A lost connection is told to whoever asks next.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin isolation level repeatable read read only');
  await client.query('select 1');
  return client;
}

async function copyDatabase(client: Client, folder: string): Promise<DatabaseContents> {
  await mkdir(folder);
  const tables: DatabaseContents['tables'] = [];
  for (const table of await readTables(client)) tables.push({ ...table, rows: await copyOut(client, table, folder) });
  // After the rows: a counter may be ahead of them, never behind.
  return { migrations: await readMigrations(client), tables, counters: await readCounters(client) };
}
