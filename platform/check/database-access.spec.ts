// The cluster's pg_hba rules in a real PostgreSQL: each role of the bank enters its own context's database, and no other.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres, type Postgres } from '../local/postgres.ts';
import { readDatabaseSecrets } from './database-secrets.ts';
import { find, type Overlay, renderOverlays } from './overlays.ts';

const overlays = await renderOverlays();
const secrets = await readDatabaseSecrets();
const databases = ['users', 'ledger', 'notifications'];
const password = 'of-this-test';

let folder: string;
let postgres: Postgres;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'microbank-hba-'));
  await chmod(folder, 0o755); // The server may run as another user.
  // Before ours the operator lets its superuser in, after ours everybody.
  const rules = [
    'host all microbank_admin all scram-sha-256',
    ...rulesOf(overlays[0]),
    'host all all all scram-sha-256',
  ];
  await writeFile(join(folder, 'pg_hba.conf'), `${rules.join('\n')}\n`);
  const settings = [`hba_file=${join(folder, 'pg_hba.conf')}`];
  postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    port: 0,
    password,
    settings,
    say: () => undefined,
  });
  const admin = await enter('microbank_admin', 'postgres');
  for (const database of databases) await admin.query(`create database ${database}`);
  for (const role of [...secrets.map((secret) => secret.role), 'cnpg_pooler_pgbouncer'])
    await admin.query(`create role ${role} login password '${password}'`);
  await admin.end();
}, 60_000);
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

test.each(overlays)('$name has these rules', (overlay) => {
  expect(rulesOf(overlay)).toEqual(rulesOf(overlays[0]));
});

test.each(secrets)('$role enters $database and no other database', async ({ role, database }) => {
  await (await enter(role, database)).end();
  for (const other of ['postgres', 'template1', ...databases].filter((name) => name !== database))
    await expect(enter(role, other), other).rejects.toThrow('pg_hba.conf rejects connection');
});

test('what the operator brings along enters as before', async () => {
  await (await enter('cnpg_pooler_pgbouncer', 'postgres')).end();
});

function rulesOf(overlay: Overlay | undefined): string[] {
  const { postgresql } = find(overlay as Overlay, 'Cluster', 'bank').spec as { postgresql: { pg_hba: string[] } };
  return postgresql.pg_hba;
}

async function enter(role: string, database: string): Promise<Client> {
  const address = Object.assign(new URL(postgres.adminUrl), { username: role, password, pathname: `/${database}` });
  const client = new Client({ connectionString: address.href });
  await client.connect();
  return client;
}
