// Finds the bank that runs on a data folder, and its PostgreSQL; refuses what is not on this machine.
import { join } from 'node:path';
import { Client } from 'pg';
import { CannotStart } from '../local/cannot-start.ts';
import { findRunningBank, type RunningBank } from '../local/data-folder.ts';
import { addressOf, databaseNames, databaseOf, type DatabaseAddresses } from '../local/databases.ts';
import { adminName, readPidFile } from '../local/postgres-folder.ts';
import { keepSecrets } from '../local/secrets.ts';
import type { Settings } from '../local/settings.ts';

export type FoundBank = RunningBank & { dataFolder: string; databases: DatabaseAddresses };

/** @throws CannotStart when no bank serves from this folder, and when it or its PostgreSQL is not on loopback. */
export async function findBank({
  dataFolder,
  databaseUrl,
}: Pick<Settings, 'dataFolder' | 'databaseUrl'>): Promise<FoundBank> {
  const running = findRunningBank(dataFolder);
  if (!running) throw new CannotStart(`no bank runs on ${dataFolder}; start one with npm start, or set MICROBANK_DATA`);
  const secrets = await keepSecrets(dataFolder);
  const adminUrl = databaseUrl ?? (await embeddedUrl(dataFolder, secrets.postgres));
  requireLoopback('the bank', new URL(running.address).hostname);
  requireLoopback('its PostgreSQL', new Client({ connectionString: adminUrl }).host);
  const databases = Object.fromEntries(
    databaseNames.map((name) => [name, addressOf(adminUrl, name, databaseOf(name), secrets.roles)]),
  ) as DatabaseAddresses;
  return { ...running, dataFolder, databases };
}

async function embeddedUrl(dataFolder: string, password: string): Promise<string> {
  const server = await readPidFile(join(dataFolder, 'postgres'));
  if (!server) throw new CannotStart(`no PostgreSQL runs in ${dataFolder}; set DATABASE_URL as the bank has it`);
  return `postgres://${adminName}:${password}@127.0.0.1:${server.port}/postgres`;
}

/** Made-up people and money, written as the database's owner, have no place in a bank that others use. */
export function requireLoopback(what: string, host: string): void {
  // A path is a socket of this machine's.
  if (/^(localhost|127(\.\d+){3}|\[?::1\]?)$/.test(host) || host.startsWith('/')) return;
  throw new CannotStart(`${what} is at ${host}, not on this machine; a demo is only for a bank that is`);
}
