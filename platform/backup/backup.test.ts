// Copies of the databases, and what they restore, on real PostgreSQL: the same rows, the same counters, nothing half.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { migrate } from '../../functions/shared/database/migrate.ts';
import { givenDatabases } from '../../functions/shared/testing/postgres.ts';
import { databaseNames } from '../local/databases.ts';
import { type Addresses, backUp } from './back-up.ts';
import { CopyOfOtherVersion, restoreCopy } from './restore-copy.ts';
import { readTables } from './tables.ts';

const owner = `test_owner_${randomBytes(4).toString('hex')}`;
const password = randomBytes(8).toString('hex');

beforeAll(async () => {
  const admin = await connected(inject('postgres').adminUrl);
  await admin.query(`create role ${owner} login password '${password}'`);
  return async () => {
    await admin.query(`drop role ${owner}`);
    await admin.end();
  };
});

test('a copy restores every row and every counter into databases of an owner who is no superuser', async () => {
  const from = await givenBank();
  const folder = await givenFolder();
  const name = await backUp(from, folder, 3);
  const to = await givenOwnedDatabases();
  await restoreCopy(to, join(folder, name));
  for (const database of databaseNames) {
    expect(await allRows(to[database]), database).toEqual(await allRows(from[database]));
  }
  const next = `insert into bank_user (name, email, role) values ('Next', 'next@example.com', 'customer') returning id::int`;
  expect(await ask(to.users, next)).toEqual([{ id: 3 }]);
  // The guards are back.
  await expect(ask(to.ledger, 'delete from entry')).rejects.toThrow('the ledger is corrected by reversals');
});

test('a restore takes the place of what was there, and can be repeated', async () => {
  const bank = await givenBank();
  const folder = await givenFolder();
  const name = await backUp(bank, folder, 3);
  const before = await allRows(bank.ledger);
  await book(bank.ledger, 999n);
  await restoreCopy(bank, join(folder, name));
  await restoreCopy(bank, join(folder, name));
  expect(await allRows(bank.ledger)).toEqual(before);
});

test('a damaged copy changes nothing in any database', async () => {
  const bank = await givenBank();
  const folder = await givenFolder();
  const name = await backUp(bank, folder, 3);
  await book(bank.ledger, 999n);
  const before = await allRows(bank.ledger);
  await rm(join(folder, name, 'notifications', 'inbox.jsonl.gz'));
  await expect(restoreCopy(bank, join(folder, name))).rejects.toThrow('inbox');
  expect(await allRows(bank.ledger)).toEqual(before);
});

test('a copy of another version is refused', async () => {
  const bank = await givenBank();
  const folder = await givenFolder();
  const name = await backUp(bank, folder, 3);
  await ask(bank.users, `insert into kysely_migration values ('9999-later', now()::text)`);
  await expect(restoreCopy(bank, join(folder, name))).rejects.toThrow(CopyOfOtherVersion);
});

test('a copy that fails leaves nothing, and only the newest are kept', async () => {
  const bank = await givenBank();
  const folder = await givenFolder();
  await expect(backUp({ ...bank, users: `${bank.users}_gone` }, folder, 2)).rejects.toThrow();
  expect(await readdir(folder)).toEqual([]);
  for (const second of [1, 2, 3]) await backUp(bank, folder, 2, new Date(Date.UTC(2026, 10, 28, 3, 0, second)));
  await writeFile(join(folder, 'notes'), 'not a copy');
  expect(await readdir(folder)).toEqual(['20261128T030002Z', '20261128T030003Z', 'notes']);
});

async function givenBank(): Promise<Addresses> {
  const { users, ledger, notifications } = await givenDatabases();
  await ask(
    users.adminUrl,
    `insert into bank_user (name, email, role) values ('A "quoted" \\ name', 'a@example.com', 'customer'), ('Ünï', 'b@example.com', 'teller')`,
  );
  await book(ledger.adminUrl, 999_999_999_999_999n);
  await book(ledger.adminUrl, 1n);
  await ask(
    notifications.adminUrl,
    `insert into dead_letter (type, source, event_id, received_at, event) select 't', 's', 'e', now(), '{}' where false`,
  );
  return { users: users.adminUrl, ledger: ledger.adminUrl, notifications: notifications.adminUrl };
}

/** An account, an opening with its two entries, and an event with a body of some depth. */
async function book(url: string, amount: bigint): Promise<void> {
  await ask(
    url,
    `with a as (insert into account (user_id, account_type, currency, balance_minor) values (1, 'checking', 'USD', ${amount}) returning id),
     t as (insert into transaction (type, account_id, amount_minor, currency, trace_id, booked_at, effective_at)
       select 'deposit', id, ${amount}, 'USD', 't', clock_timestamp(), now() from a returning id, account_id, booked_at),
     o as (insert into outbox (type, source, subject, time, data, partitionkey, sequence)
       select 'e', 's', '1', now(), '{"deep": [1, {"text": "Zürich\\n"}], "number": 12345678901234567890}', '1', 1)
     insert into entry (account_id, transaction_id, currency, amount_minor, balance_after_minor, version, booked_at)
       select account_id, id, 'USD', ${amount}, ${amount}, 1, booked_at from t
       union all select -840, id, 'USD', -${amount}, null, null, booked_at from t`,
  );
}

async function givenOwnedDatabases(): Promise<Addresses> {
  const addresses = {} as Addresses;
  for (const name of databaseNames) {
    const database = `test_restored_${name}_${randomBytes(4).toString('hex')}`;
    const { adminUrl } = inject('postgres');
    await ask(adminUrl, `create database ${database} owner ${owner} encoding 'UTF8' template template0`);
    const url = Object.assign(new URL(adminUrl), { username: owner, password, pathname: `/${database}` });
    onTestFinished(() => ask(adminUrl, `drop database ${database} with (force)`).then(() => undefined));
    await migrate(url.href, name);
    addresses[name] = url.href;
  }
  return addresses;
}

async function allRows(url: string): Promise<object> {
  const client = await connected(url);
  const rows: Record<string, unknown> = {};
  for (const { name } of await readTables(client)) {
    const { rows: texts } = await client.query(`select t::text as row from ${escapeIdentifier(name)} t order by 1`);
    rows[name] = texts;
  }
  await client.end();
  return rows;
}

async function givenFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'backup-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = await connected(url);
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}

async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}
