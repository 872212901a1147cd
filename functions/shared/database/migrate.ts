// Brings one database to the newest schema: the plain SQL files of functions/shared/database/migrations/<database>, in order, each once.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator, type Migration, type MigrationProvider } from 'kysely/migration';
import { Pool, type ClientBase } from 'pg';
import type { DatabaseName } from '../contract/function.ts';

const oldestServer = 180_000; // uuidv7() came with PostgreSQL 18.

const ownFolder = join(import.meta.dirname, 'migrations');

/**
 * Runs what is missing as the database's owner, all in one transaction; `adminUrl` names the database itself.
 * Two callers at once take turns. Returns the names of the migrations that ran now.
 */
export async function migrate(adminUrl: string, database: DatabaseName, folder = ownFolder): Promise<string[]> {
  const pool = new Pool({
    connectionString: adminUrl,
    max: 2,
    connectionTimeoutMillis: 10_000,
    application_name: `migrate ${database}`,
  });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await requireServerVersion(pool);
    const provider = sqlFiles(join(folder, database));
    const { error, results = [] } = await new Migrator({ db, provider }).migrateToLatest();
    if (error) {
      const failed = results.find((result) => result.status === 'Error')?.migrationName;
      throw new Error(
        `migration ${database}/${failed ?? '?'} failed: ${error instanceof Error ? error.message : 'no reason given'}`,
        { cause: error },
      );
    }
    return results.map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}

/** @throws ServerTooOld when the server lacks what the migrations use. */
export async function requireServerVersion(connection: Pick<ClientBase, 'query'>): Promise<void> {
  const { rows } = await connection.query<{ number: number; version: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version`,
  );
  const [server] = rows;
  if (!server || server.number < oldestServer) throw new ServerTooOld(server?.version ?? 'unknown');
}

export class ServerTooOld extends Error {
  constructor(version: string) {
    super(`microbank needs PostgreSQL 18 or newer, this server is ${version}`);
  }
}

function sqlFiles(folder: string): MigrationProvider {
  return {
    async getMigrations() {
      const names = (await readdir(folder)).filter((file) => file.endsWith('.sql'));
      const migrations = names.map(async (file) => [file.slice(0, -4), await sqlFile(join(folder, file))] as const);
      return Object.fromEntries<Migration>(await Promise.all(migrations));
    },
  };
}

async function sqlFile(path: string): Promise<Migration> {
  const text = await readFile(path, 'utf8');
  return {
    async up(db: Kysely<unknown>) {
      await sql.raw(text).execute(db);
    },
  };
}
