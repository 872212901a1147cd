// What each role may do with each table and function, on real PostgreSQL. A table, function or role that is new needs its rows here.
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseNames } from '../../../platform/local/databases.ts';
import type { DatabaseName, DatabaseRole } from '../contract/function.ts';
import { functionNames, loadFunction } from '../process/load-functions.ts';
import { addressAs, givenDatabases } from '../testing/postgres.ts';
import { databaseRoles, roleName } from './roles.ts';
import { readRights, refusedStatements } from './testing/rights.ts';

type Rights = Partial<Record<DatabaseRole, string>>;

const person = 'id, name, email, email_key, phone, role, registered_at, removed_at';
const relayed = 'SELECT, UPDATE (attempts, next_attempt_at, handed_over_at, settled_at)';
const redriven = 'reason_code, reason_data, attempts, last_received_at, redriven_at, redriving_until';
const pruning = { writer: 'EXECUTE', relay: 'EXECUTE' };
const nobody = {};

/** A role that a row does not name has no right. */
const expected: Record<DatabaseName, Record<string, Rights>> = {
  users: {
    bank_user: {
      writer: 'SELECT, INSERT, UPDATE (name, email, phone, password_hash, removed_at, version)',
      reader: `SELECT (${person})`,
      'sign-in': `SELECT (${person.replace('role,', 'role, password_hash,')}), UPDATE (password_hash)`,
    },
    sign_in_attempt: {
      writer: 'SELECT, INSERT, UPDATE, DELETE',
      'sign-in': 'SELECT, INSERT, UPDATE, DELETE',
    },
    idempotency_key: { writer: 'SELECT, INSERT, UPDATE (answer, subject)' },
    outbox: { writer: relayed.replace(',', ', INSERT,'), relay: relayed },
    'prune_outbox(timestamptz, integer)': pruning,
    'prune_idempotency_keys(timestamptz, integer)': pruning,
  },
  ledger: {
    currency: { writer: 'SELECT', reader: 'SELECT', relay: 'SELECT (code, digits)' },
    account: { writer: 'SELECT', reader: 'SELECT' },
    transaction: { writer: 'SELECT', reader: 'SELECT' },
    entry: { writer: 'SELECT', reader: 'SELECT', relay: 'SELECT (currency, amount_minor)' },
    idempotency_key: nobody,
    outbox: { writer: relayed, relay: relayed },
    released_user: nobody,
    'to_rfc3339(timestamptz)': { writer: 'EXECUTE', reader: 'EXECUTE' },
    'post(jsonb)': { writer: 'EXECUTE' },
    'release_user(bigint)': { writer: 'EXECUTE' },
    'prune_outbox(timestamptz, integer)': pruning,
    'prune_idempotency_keys(timestamptz, integer)': pruning,
    // The parts of post(), which runs as their owner.
    'to_units(bigint, smallint)': nobody,
    'refusal(text, integer, text, text)': nobody,
    'account_not_found(bigint, text)': nobody,
    'find_refusal(posting, bigint, account, bigint, account, smallint, boolean)': nobody,
    'after_entry(account, bigint, transaction)': nobody,
    'entry_of(transaction, bigint, account, bigint)': nobody,
    'entry_facts(entry, bigint, smallint)': nobody,
    'transaction_facts(transaction, jsonb, jsonb, smallint)': nobody,
    'account_facts(transaction, account, smallint)': nobody,
    'event_of(posting, transaction, account, jsonb)': nobody,
    'event_attributes(outbox)': nobody,
    'repeat_answer(posting)': nobody,
    'user_lock(bigint)': nobody,
  },
  notifications: {
    notification: {
      writer: 'SELECT, INSERT, UPDATE (read_at), DELETE',
      recipient: 'SELECT, UPDATE (read_at), DELETE',
    },
    inbox: { writer: 'SELECT, INSERT' },
    dead_letter: {
      writer: `SELECT, INSERT, UPDATE (${redriven}), DELETE`,
      'dead-letters': `SELECT, INSERT, UPDATE (${redriven})`,
    },
    'apply_events(jsonb)': { writer: 'EXECUTE' },
    'prune_inbox(text[], timestamptz, integer)': { writer: 'EXECUTE' },
  },
};
/** Of the migrations themselves. */
const ofEach = { kysely_migration: nobody, kysely_migration_lock: nobody };

const databases = await givenDatabases();
const everyRole = databaseNames.flatMap((database) => databaseRoles[database].map((role) => ({ database, role })));
const clients = new Map<string, Client>();
beforeAll(async () => {
  for (const { database, role } of everyRole) {
    clients.set(roleName(database, role), await connect(addressAs(databases[database], database, role)));
  }
});
afterAll(() => Promise.all([...clients.values()].map((client) => client.end())));

test.each(everyRole)('$database: a $role has exactly the rights of its rows', async ({ database, role }) => {
  const owner = await connect(databases[database].adminUrl);
  const rights = await readRights(owner, roleName(database, role)).finally(() => owner.end());
  const rows = Object.entries({ ...expected[database], ...ofEach });
  expect(rights).toEqual(Object.fromEntries(rows.map(([name, row]: [string, Rights]) => [name, row[role] ?? ''])));
});

test.each(everyRole)('$database: a $role is refused everything else', async ({ database, role }) => {
  const client = clients.get(roleName(database, role)) as Client;
  const owner = await connect(databases[database].adminUrl);
  const statements = await refusedStatements(owner, roleName(database, role)).finally(() => owner.end());
  expect(statements.length).toBeGreaterThan(10);
  const answers: Record<string, string> = {};
  for (const statement of [...statements, 'CREATE TABLE mine ()', 'CREATE TEMPORARY TABLE mine ()']) {
    answers[statement] = await client.query(statement).then(
      () => 'allowed',
      (error: unknown) => String((error as { code?: string }).code),
    );
  }
  const insufficientPrivilege = '42501';
  expect(Object.entries(answers).filter(([, code]) => code !== insufficientPrivilege)).toEqual([]);
});

test.each(everyRole)('$database: a $role enters that database, and no other of the server', async (its) => {
  const { database, role } = its;
  const own = databases[database];
  const others = databaseNames.filter((other) => other !== database).map((other) => databases[other]);
  for (const path of ['/postgres', '/template1', ...others.map(({ url }) => new URL(url).pathname)]) {
    const address = Object.assign(new URL(addressAs(own, database, role)), { pathname: path });
    await expect(connect(address.href), path).rejects.toThrow('permission denied for database');
  }
});

test.each(databaseNames)('%s: who watches the server enters, and reads no table', async (database) => {
  const owner = await connect(databases[database].adminUrl);
  const entering = `select has_database_privilege('pg_monitor', current_database(), 'connect') as may`;
  expect((await owner.query<object>(entering)).rows).toEqual([{ may: true }]);
  const rights = await readRights(owner, 'pg_monitor').finally(() => owner.end());
  expect(Object.values(rights).filter((right) => right !== '')).toEqual([]);
});

describe('contracts', async () => {
  const contracts = (await Promise.all((await functionNames()).map(loadFunction))).map(({ contract }) => contract);

  test.each(contracts)('the databases of $name know the role that it works as', ({ databases: own, databaseRole }) => {
    for (const database of own) expect(databaseRoles[database]).toContain(databaseRole ?? 'writer');
  });

  test.each(contracts)('$name is a writer only if it takes commands or events to write', (contract) => {
    const { command, consumes, routes, databaseRole = 'writer' } = contract;
    const writes = Object.keys(routes).some((route) => !route.startsWith('GET '));
    expect(databaseRole === 'writer' && !command && !consumes && !writes, 'works as writer, and only reads').toBe(
      false,
    );
  });

  test.each(everyRole)('README.md says who works as $role of $database', async ({ database, role }) => {
    const readme = await readFile(new URL('README.md', import.meta.url), 'utf8');
    const [, , who = ''] = readme
      .split('\n')
      .find((line) => line.includes(`\`${roleName(database, role)}\``))!
      .split('|');
    const workers = contracts.filter(
      ({ databases: own, databaseRole = 'writer' }) => own.includes(database) && databaseRole === role,
    );
    expect(
      who
        .split(/[ ,]+/)
        .filter((word) => /^[a-z-]+$/.test(word))
        .sort(),
    ).toEqual(workers.map(({ name }) => name).sort());
  });
});

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}
