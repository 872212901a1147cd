// The three databases and their roles on one server: made when missing, passwords set again on each start, then migrated.
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { DatabaseName } from '../../functions/shared/contract/function.ts';
import { migrate, requireServerVersion, ServerTooOld } from '../../functions/shared/database/migrate.ts';
import { limitRole } from '../../functions/shared/database/role-limits.ts';
import { roleName, roleNames } from '../../functions/shared/database/roles.ts';
import { CannotStart } from './cannot-start.ts';

export const databaseNames: readonly DatabaseName[] = ['users', 'ledger', 'notifications'];

/** Of the writers. */
export type RolePasswords = Record<DatabaseName, string>;

/** `url` is the writer's, `adminUrl` the owner's; both name the database. */
export type DatabaseAddress = { url: string; adminUrl: string };
export type DatabaseAddresses = Record<DatabaseName, DatabaseAddress>;

// Any number that nothing else on the server uses: two starts at once take turns.
const preparationLock = 7_143_000_001n;

/**
 * Makes what is missing on the server at `adminUrl` and migrates it; doing it again changes nothing. A server that `isShared` with
 * others keeps its own databases open to everybody, as it was: to close them is its owner's to decide.
 */
export async function prepareDatabases(
  adminUrl: string,
  passwords: RolePasswords,
  { isShared = false } = {},
): Promise<{ addresses: DatabaseAddresses; ran: string[] }> {
  const admin = await connect(adminUrl);
  try {
    await requireServerVersion(admin).catch((error: unknown) => {
      throw error instanceof ServerTooOld ? new CannotStart(error.message, { cause: error }) : error;
    });
    await admin.query('select pg_advisory_lock($1)', [preparationLock]);
    await ensureRoles(admin, passwords);
    if (!isShared) await closeServer(admin);
    const addresses = {} as DatabaseAddresses;
    for (const name of databaseNames) {
      await ensureDatabase(admin, databaseOf(name));
      addresses[name] = addressOf(adminUrl, name, databaseOf(name), passwords);
      await restrictDatabase(admin, name, databaseOf(name));
    }
    const ran = await Promise.all(databaseNames.map(async (name) => migrateSchema(addresses[name].adminUrl, name)));
    return { addresses, ran: ran.flat() };
  } finally {
    await admin.end();
  }
}

export function databaseOf(name: DatabaseName): string {
  return `microbank_${name}`;
}

export function addressOf(
  adminUrl: string,
  name: DatabaseName,
  database: string,
  passwords: RolePasswords,
): DatabaseAddress {
  const admin = new URL(adminUrl);
  admin.pathname = `/${database}`;
  const url = new URL(admin);
  url.username = roleName(name, 'writer');
  url.password = passwords[name];
  return { url: url.href, adminUrl: admin.href };
}

/** For whoever prepares a database; @throws CannotStart when nobody answers there. */
export async function connect(adminUrl: string): Promise<Client> {
  const client = new Client({
    connectionString: adminUrl,
    connectionTimeoutMillis: 10_000,
    application_name: 'microbank preparation',
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    const { host } = new URL(adminUrl);
    throw new CannotStart(`cannot connect to PostgreSQL at ${host}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Roles belong to the whole server, with their limits; a password is set each time, so that it always agrees with the one we keep. Only
 * writers log in: here one process runs all functions, and would hold the passwords of the others beside the one that may do everything.
 * The others are there because migrations grant to them.
 */
export async function ensureRoles(admin: Client, passwords: RolePasswords): Promise<void> {
  const { rows } = await admin.query<{ name: string }>('select rolname as name from pg_roles');
  const there = new Set(rows.map(({ name }) => name));
  for (const name of databaseNames) {
    for (const role of roleNames(name))
      if (!there.has(role)) await admin.query(`create role ${escapeIdentifier(role)}`);
    const writer = roleName(name, 'writer');
    await admin.query(`alter role ${escapeIdentifier(writer)} login password ${escapeLiteral(passwords[name])}`);
    await limitRole(admin, writer);
  }
}

/** Everybody may enter these by default, and could fill them with temporary tables. */
export async function closeServer(admin: Client): Promise<void> {
  await admin.query('revoke all on database postgres, template1 from public');
}

/**
 * PostgreSQL's own rules for UTF-8, of no operating system and no language: a server that DATABASE_URL names may sort and lower-case as in
 * Turkey, where the small letter of I is none of ASCII's. What was made before stays as it is: queries that depend on it name their collation.
 */
const ownLocale = "encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'";

async function ensureDatabase(admin: Client, database: string): Promise<void> {
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [database]);
  if (rowCount === 0)
    await admin.query(`create database ${escapeIdentifier(database)} ${ownLocale} template template0`);
}

/** Of all application roles only the context's own may enter its database; and whoever watches the server, who may read no table. */
export async function restrictDatabase(admin: Client, name: DatabaseName, database: string): Promise<void> {
  await admin.query(`revoke all on database ${escapeIdentifier(database)} from public`);
  await admin.query(`grant connect on database ${escapeIdentifier(database)} to ${rolesOf(name)}, pg_monitor`);
}

function rolesOf(name: DatabaseName): string {
  return roleNames(name).map(escapeIdentifier).join(', ');
}

/** Opens the schema to the roles that use it, then runs the migrations, which grant each what it needs table by table. */
export async function migrateSchema(adminUrl: string, name: DatabaseName, folder?: string): Promise<string[]> {
  const client = await connect(adminUrl);
  try {
    await client.query(`revoke all on schema public from public; grant usage on schema public to ${rolesOf(name)}`);
  } finally {
    await client.end();
  }
  return (await migrate(adminUrl, name, folder)).map((migration) => `${name}/${migration}`);
}
