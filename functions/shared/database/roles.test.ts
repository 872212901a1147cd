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
const counting = 'SELECT, INSERT, UPDATE, DELETE';
const redriven =
  'reason_code, reason_data, attempts, last_received_at, redriven_at, redriving_until, discarded_at, discarded_reason';
const sessions =
  'SELECT, INSERT, UPDATE (device, network, last_seen_at, expires_at, renewal_number, renewal_hash, renewed_at, ended_at, ended_reason), DELETE';
const challenges = 'SELECT, INSERT, UPDATE (challenge, user_handle, expires_at), DELETE';
const resets = 'SELECT, INSERT, UPDATE (code_hash, remove_passkeys, tries, expires_at), DELETE';
const pruning = { writer: 'EXECUTE', relay: 'EXECUTE' };
const audited = 'INSERT (act, actor_id, actor_role, session_id, subject, reason, details, trace_id)';
/** Sums for dashboards; on a cluster PostgreSQL's exporter reads them. */
const shown = { writer: 'SELECT' };
const nobody = {};

/** A role that a row does not name has no right. */
const expected: Record<DatabaseName, Record<string, Rights>> = {
  users: {
    bank_user: {
      writer: 'SELECT, INSERT, UPDATE (name, email, phone, role, password_hash, removed_at, version)',
      reader: `SELECT (${person})`,
      'sign-in': `SELECT (${person.replace('role,', 'role, password_hash,')}), UPDATE (password_hash)`,
      credentials: `SELECT (${person.replace('role,', 'role, password_hash,')}), UPDATE (password_hash)`,
    },
    audit_entry: { writer: `SELECT, ${audited}`, reader: 'SELECT', 'sign-in': audited, credentials: audited },
    session: {
      writer: sessions.replace('ended_reason', 'ended_reason, wrong_passwords'),
      'sign-in': sessions,
      credentials: 'SELECT, UPDATE (ended_at, ended_reason, wrong_passwords)',
    },
    passkey: {
      writer: 'SELECT, INSERT, UPDATE (sign_count, synced, last_used_at), DELETE',
      'sign-in': 'SELECT, UPDATE (sign_count, synced, last_used_at)',
      credentials: 'SELECT, INSERT, DELETE',
    },
    passkey_challenge: { writer: challenges, credentials: challenges },
    answered_challenge: { writer: 'SELECT, INSERT, DELETE', 'sign-in': 'SELECT, INSERT, DELETE' },
    password_reset: { writer: resets, credentials: resets },
    business_users: shown,
    business_outbox: shown,
    business_sessions: shown,
    business_session_ends: shown,
    business_acts: shown,
    // Of the version before.
    sign_in_attempt: { writer: counting, 'sign-in': counting },
    attempt: { writer: counting, 'sign-in': counting, credentials: counting },
    'count_attempt(jsonb, timestamptz)': { writer: 'EXECUTE', 'sign-in': 'EXECUTE', credentials: 'EXECUTE' },
    'search_key(text)': { writer: 'EXECUTE', reader: 'EXECUTE' },
    idempotency_key: {
      writer: 'SELECT, INSERT, UPDATE (answer, subject)',
      credentials: 'SELECT (scope, key, fingerprint), INSERT (scope, key, fingerprint, answer)',
    },
    outbox: { writer: relayed.replace(',', ', INSERT,'), relay: relayed },
    'prune_outbox(timestamptz, integer)': pruning,
    'prune_idempotency_keys(timestamptz, integer)': pruning,
  },
  ledger: {
    currency: { writer: 'SELECT', reader: 'SELECT', relay: 'SELECT (code, digits)' },
    account: {
      writer: 'SELECT',
      reader: 'SELECT',
      'payee-finder': 'SELECT (id, user_id, account_type, currency, closed_at)',
    },
    attempt: { writer: counting, 'payee-finder': counting },
    'count_attempt(jsonb, timestamptz)': { writer: 'EXECUTE', 'payee-finder': 'EXECUTE' },
    transaction: { writer: 'SELECT', reader: 'SELECT' },
    entry: { writer: 'SELECT', reader: 'SELECT', relay: 'SELECT (currency, amount_minor)' },
    audit_entry: { writer: 'SELECT', reader: 'SELECT' },
    'note_look_up(bigint, text, uuid, text, jsonb, text)': { writer: 'EXECUTE', 'payee-finder': 'EXECUTE' },
    idempotency_key: nobody,
    outbox: { writer: relayed, relay: relayed },
    released_user: nobody,
    business_accounts: shown,
    business_transactions: shown,
    business_refusals: shown,
    business_books: shown,
    business_mismatches: shown,
    business_outbox: shown,
    business_acts: shown,
    dismissed_teller: nobody,
    'to_rfc3339(timestamptz)': { writer: 'EXECUTE', reader: 'EXECUTE' },
    'search_key(text)': { writer: 'EXECUTE', reader: 'EXECUTE' },
    'post(jsonb)': { writer: 'EXECUTE' },
    'change_account(jsonb)': { writer: 'EXECUTE' },
    'dismiss_teller(bigint, boolean)': { writer: 'EXECUTE' },
    'release_user(bigint)': { writer: 'EXECUTE' },
    // A sum as well: pg_monitor asks on a cluster.
    'books_at_odds(interval, integer)': { writer: 'EXECUTE' },
    'prune_outbox(timestamptz, integer)': pruning,
    'prune_idempotency_keys(timestamptz, integer)': pruning,
    // The parts of post(), which runs as their owner.
    'to_units(bigint, smallint)': nobody,
    'before_opening(account)': nobody,
    'at_own_fields(jsonb, text)': nobody,
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
    'not_a_teller()': nobody,
    'subject_of(posting)': nobody,
    'audit_of(posting, text, text, text, jsonb)': nobody,
    'audit_of_posting(posting, transaction, account, smallint)': nobody,
    'cash_used(account, boolean, timestamptz)': nobody,
    'after_cash(account, transaction)': nobody,
    'account_state(account)': nobody,
  },
  notifications: {
    business_notifications: shown,
    business_dead_letters: shown,
    business_acts: shown,
    notification: {
      writer: 'SELECT, INSERT, UPDATE (read_at), DELETE',
      recipient: 'SELECT, UPDATE (read_at), DELETE',
    },
    inbox: { writer: 'SELECT, INSERT' },
    dead_letter: {
      writer: `SELECT, INSERT, UPDATE (${redriven}), DELETE`,
      'dead-letters': `SELECT, INSERT, UPDATE (${redriven})`,
    },
    audit_entry: { writer: `SELECT, ${audited}`, 'dead-letters': `SELECT, ${audited}` },
    'apply_events(jsonb)': { writer: 'EXECUTE' },
    'bound_dead_letters_apart()': { writer: 'EXECUTE', 'dead-letters': 'EXECUTE' },
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

test.each(databaseNames)('%s: who watches the server enters, and reads sums only', async (database) => {
  const owner = await connect(databases[database].adminUrl);
  const entering = `select has_database_privilege('pg_monitor', current_database(), 'connect') as may`;
  expect((await owner.query<object>(entering)).rows).toEqual([{ may: true }]);
  const rights = await readRights(owner, 'pg_monitor').finally(() => owner.end());
  const held = Object.entries(rights).filter(([, right]) => right !== '');
  // One question that names nobody, and sums.
  const allowed = ([name, right]: [string, string]) =>
    (name.startsWith('business_') && right === 'SELECT') || name === 'books_at_odds(interval, integer)';
  expect(held.filter((one) => !allowed(one))).toEqual([]);
  expect(held.length).toBeGreaterThan(0);
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
