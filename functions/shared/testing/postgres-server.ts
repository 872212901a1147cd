// One real PostgreSQL per test run, with a migrated template of each database to copy; Vitest runs this once around all files.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { TestProject } from 'vitest/node';
import {
  addressOf,
  closeServer,
  databaseNames,
  ensureRoles,
  migrateSchema,
  type RolePasswords,
} from '../../../platform/local/databases.ts';
import { startPostgres } from '../../../platform/local/postgres.ts';
import { randomPassword, randomRolePasswords } from '../../../platform/local/secrets.ts';
import type { DatabaseName } from '../contract/function.ts';
import { limitRole } from '../database/role-limits.ts';
import { roleNames } from '../database/roles.ts';

export type TestServer = { adminUrl: string; passwords: RolePasswords };

declare module 'vitest' {
  interface ProvidedContext {
    postgres: TestServer;
  }
}

export function templateOf(name: string): string {
  return `template_${name}`;
}

/** Durability is as in production (fsync on), since crash and concurrency tests are about it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-test-'));
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    port: 0,
    password: randomPassword(),
    settings: ['max_connections=300'],
    say: (line) => console.error(line),
  });
  const server = { adminUrl: postgres.adminUrl, passwords: randomRolePasswords() };
  const teardown = async (): Promise<void> => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await makeTemplates(server);
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide('postgres', server);
  return teardown;
}

async function makeTemplates({ adminUrl, passwords }: TestServer): Promise<void> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await ensureRoles(admin, passwords);
    await closeServer(admin);
    for (const name of databaseNames) {
      await letAllIn(admin, name, passwords[name]);
      await admin.query(`create database ${escapeIdentifier(templateOf(name))}`);
      await migrateSchema(addressOf(adminUrl, name, templateOf(name), passwords).adminUrl, name);
      // A template with a connection cannot be copied, so nobody gets one any more.
      await admin.query(
        `alter database ${escapeIdentifier(templateOf(name))} is_template true allow_connections false`,
      );
    }
  } finally {
    await admin.end();
  }
}

/** Every role of a database logs in as on a cluster; here by the writer's password. */
async function letAllIn(admin: Client, name: DatabaseName, password: string): Promise<void> {
  for (const role of roleNames(name)) {
    await admin.query(`alter role ${escapeIdentifier(role)} login password ${escapeLiteral(password)}`);
    await limitRole(admin, role);
  }
}
