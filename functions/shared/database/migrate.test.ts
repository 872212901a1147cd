// Migrations run once, as a whole, and only on a server that has what they use.
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { migrate, requireServerVersion, ServerTooOld } from './migrate.ts';
import { givenDatabases } from '../testing/postgres.ts';

test('changes nothing on a database that is up to date', async () => {
  const { users, ledger, notifications } = await givenDatabases();
  expect(await migrate(users.adminUrl, 'users')).toEqual([]);
  expect(await migrate(ledger.adminUrl, 'ledger')).toEqual([]);
  expect(await migrate(notifications.adminUrl, 'notifications')).toEqual([]);
});

test('lets two callers at once take turns', async () => {
  const { users } = await givenDatabases();
  await emptyAgain(users.adminUrl);
  const ran = await Promise.all([migrate(users.adminUrl, 'users'), migrate(users.adminUrl, 'users')]);
  expect(ran.flat()).toContain('0001-users');
  expect(new Set(ran.flat()).size).toBe(ran.flat().length);
});

test('refuses a server before version 18, naming its version', async () => {
  const debian12 = {
    query: async () => Promise.resolve({ rows: [{ number: 150_014, version: '15.14 (Debian 15.14-0)' }] }),
  };
  await expect(requireServerVersion(debian12 as never)).rejects.toThrow(ServerTooOld);
  await expect(requireServerVersion(debian12 as never)).rejects.toThrow(
    'needs PostgreSQL 18 or newer, this server is 15.14',
  );
});

async function emptyAgain(adminUrl: string): Promise<void> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query('drop schema public cascade; create schema public');
  await admin.end();
}
