// Texts are found and addresses are one, whatever locale the PostgreSQL has that DATABASE_URL names: by default that of its language.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  addressOf,
  databaseNames,
  migrateSchema,
  prepareDatabases,
  restrictDatabase,
  type DatabaseAddresses,
} from '../../platform/local/databases.ts';
import { emailKey } from '../shared/contract/email-key.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';

/** How a server may be set up: Turkish, of the C library's C, with ICU's English, and as npm start makes its own. */
const locales: Record<string, string> = {
  'Turkish of ICU': "locale_provider icu icu_locale 'tr-TR' locale 'C'",
  'English of ICU': "locale_provider icu icu_locale 'en-US' locale 'C'",
  'C of the C library': "locale_provider libc locale 'C'",
  'the builtin C.UTF-8': "locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'",
};

const made: string[] = [];
async function asAdmin<T>(work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: inject('postgres').adminUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
afterAll(async () => {
  await asAdmin(async (admin) => {
    for (const name of made) await admin.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
  });
}, 60_000);

/** Databases that somebody made by hand before the bank came to them. */
async function databasesWith(locale: string): Promise<DatabaseAddresses> {
  const { adminUrl, passwords } = inject('postgres');
  const suffix = randomBytes(6).toString('hex');
  const addresses = {} as DatabaseAddresses;
  for (const name of databaseNames) {
    const database = `locale_${name}_${suffix}`;
    made.push(database);
    await asAdmin(async (admin) => {
      await admin.query(`create database ${database} encoding 'UTF8' ${locale} template template0`);
      await restrictDatabase(admin, name, database);
    });
    addresses[name] = addressOf(adminUrl, name, database, passwords);
    await migrateSchema(addresses[name].adminUrl, name);
  }
  return addresses;
}

const people: [name: string, email: string][] = [
  ['Änne Straße', 'aenne@example.com'],
  // As some keyboards and all of macOS's file names have it: in two characters.
  ['Jose\u0301 Nu\u0301n\u0303ez', 'jose@example.com'],
  ['Işıl Ilgaz', 'istanbul@example.com'],
  ['Σίσυφος', 'sisyphos@example.com'],
];
const searches: [q: string, name: string][] = [
  ['ÄNNE', 'Änne Straße'],
  ['a\u0308nne', 'Änne Straße'],
  ['STRASSE', 'Änne Straße'],
  ['straße', 'Änne Straße'],
  // Kept in NFC.
  ['josé', 'José Núñez'],
  ['JOSE\u0301', 'José Núñez'],
  ['ILGAZ', 'Işıl Ilgaz'],
  ['ilgaz', 'Işıl Ilgaz'],
  ['ΣΊΣΥΦΟΣ', 'Σίσυφος'],
  ['SISYPHOS@', 'Σίσυφος'],
];
const descriptions = ['Miete Hauptstraße 5', 'Cafe\u0301', '100 % off_all'];
const sought: [q: string, description: string][] = [
  ['HAUPTSTRASSE', 'Miete Hauptstraße 5'],
  ['CAFÉ', 'Café'],
  ['% OFF_', '100 % off_all'],
];

const functions = ['register-user', 'read-users', 'open-account', 'deposit', 'read-transactions'];

describe.each(Object.keys(locales))('in a database of %s', (locale) => {
  let bank: TestBank;
  let addresses: DatabaseAddresses;
  let token: string;
  beforeAll(async () => {
    addresses = await databasesWith(locales[locale] ?? '');
    bank = await startBank({ databases: addresses, functions });
    token = await bank.tokenFor({ userId: 1, role: 'teller' });
    for (const [name, email] of people) expect((await post('/users', { name, email })).status).toBe(201);
    const account = (await post('/accounts', { user_id: 1, account_type: 'checking' })).body.id;
    for (const description of descriptions)
      expect((await post('/deposits', { account_id: account, amount: 1, description })).status).toBe(201);
  }, 60_000);
  const post = (path: string, body: object) =>
    bank.request<{ id: number; code: string }>('POST', path, { token, body });
  const found = async (path: string, field: 'name' | 'description') =>
    (await bank.request<Record<string, string>[]>('GET', path, { token })).body.map((item) => item[field]);

  test.each(searches)('%j finds %j', async (q, name) => {
    expect(await found(`/users?q=${encodeURIComponent(q)}`, 'name')).toEqual([name]);
  });

  test.each(sought)('among descriptions %j finds %j', async (q, description) => {
    expect(await found(`/transactions?q=${encodeURIComponent(q)}`, 'description')).toEqual([description]);
  });

  test('an address is one however A to Z are capitalised, I as in Turkey included, and no other letters are the same', async () => {
    for (const email of ['ISTANBUL@EXAMPLE.COM', 'Istanbul@example.com']) {
      expect([email, (await post('/users', { name: 'Again', email })).body.code]).toEqual([email, 'email_taken']);
      expect(await found(`/users?email=${email}`, 'name')).toEqual(['Işıl Ilgaz']);
    }
  });

  test('the database has the rule for addresses that the functions have', async () => {
    const owner = new Client({ connectionString: addresses.users.adminUrl });
    await owner.connect();
    try {
      for (const email of [
        'ISTANBUL@example.org',
        'İstanbul@example.org',
        'ÄNNE@EXAMPLE.org',
        'ı@I.org',
        'Straße@X.org',
        '\u212a@k.org',
      ]) {
        const made = await owner.query<{ email_key: string }>(
          "insert into bank_user (name, email, role) values ('Somebody', $1, 'customer') returning email_key",
          [email],
        );
        expect(made.rows).toEqual([{ email_key: emailKey(email) }]);
      }
    } finally {
      await owner.end();
    }
  });
});

test('on a Turkish server the databases that the bank makes itself have no language', async () => {
  const { startPostgres } = await import('../../platform/local/postgres.ts');
  const { mkdtemp, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { randomPassword, randomRolePasswords } = await import('../../platform/local/secrets.ts');
  const folder = await mkdtemp(join(tmpdir(), 'microbank-turkish-'));
  const server = await startPostgres({
    folder: join(folder, 'postgres'),
    port: 0,
    password: randomPassword(),
    locale: ['--locale-provider=icu', '--icu-locale=tr-TR', '--locale=C'],
    say: (line) => console.error(line),
  });
  try {
    await prepareDatabases(server.adminUrl, randomRolePasswords());
    const admin = new Client({ connectionString: server.adminUrl });
    await admin.connect();
    const { rows } = await admin.query<{ name: string; provider: string; locale: string }>(
      `select datname as name, datlocprovider as provider, datlocale as locale from pg_database
       where datname like 'microbank%' or datname = 'postgres' order by 1`,
    );
    await admin.end();
    expect(rows).toEqual([
      ...['microbank_ledger', 'microbank_notifications', 'microbank_users'].map((name) => ({
        name,
        provider: 'b',
        locale: 'C.UTF-8',
      })),
      { name: 'postgres', provider: 'i', locale: 'tr-TR' },
    ]);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
