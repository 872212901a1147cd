// What test files may rely on: databases of their own, roles that stay in their own database, and nothing left open.
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { dropGivenDatabases, givenDatabases } from './postgres.ts';

async function connected(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

test('gives databases that the role can enter and the admin can change', async () => {
  const { users } = await givenDatabases();
  await using admin = disposable(await connected(users.adminUrl));
  await admin.client.query('create table note (text text)');
  await using role = disposable(await connected(users.url));
  expect((await role.client.query('select current_user as name')).rows).toEqual([{ name: 'microbank_users' }]);
  await expect(role.client.query('create table mine (id int)')).rejects.toThrow('permission denied');
  await expect(role.client.query('select * from note')).rejects.toThrow('permission denied');
});

test('gives each caller its own copy', async () => {
  const [one, other] = await Promise.all([givenDatabases(), givenDatabases()]);
  await using admin = disposable(await connected(one.ledger.adminUrl));
  await admin.client.query('create table only_here ()');
  await using elsewhere = disposable(await connected(other.ledger.adminUrl));
  await expect(elsewhere.client.query('select from only_here')).rejects.toThrow('does not exist');
});

test('keeps a role out of the databases of the other contexts', async () => {
  const { users, ledger } = await givenDatabases();
  const trespass = new URL(users.url);
  trespass.pathname = new URL(ledger.url).pathname;
  await expect(connected(trespass.href)).rejects.toThrow('permission denied for database');
});

test('names the connection that a test file left open', async () => {
  const { notifications } = await givenDatabases();
  const forgotten = new Client({ connectionString: notifications.url, application_name: 'forgotten' });
  forgotten.on('error', () => {}); // The server ends it when the database is dropped.
  await forgotten.connect();
  await expect(dropGivenDatabases(0)).rejects.toThrow(/left database connections open: .*forgotten/);
});

test('runs on PostgreSQL 18 with durable commits', async () => {
  const { users } = await givenDatabases();
  await using role = disposable(await connected(users.url));
  const { rows } = await role.client.query(
    `select uuidv7() is not null as has_uuidv7, current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync`,
  );
  expect(rows).toEqual([{ has_uuidv7: true, fsync: 'on', sync: 'on' }]);
});

function disposable(client: Client): AsyncDisposable & { client: Client } {
  return { client, [Symbol.asyncDispose]: async () => client.end() };
}
