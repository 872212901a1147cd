// One rule for when two addresses are one, in JavaScript and in the database.
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { givenDatabases } from '../testing/postgres.ts';
import { emailKey } from './email-key.ts';

test('the database has the same key for every letter there is', async () => {
  const { users } = await givenDatabases();
  const client = new Client({ connectionString: users.adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ expression: string }>(
      `SELECT pg_get_expr(adbin, adrelid) AS expression FROM pg_attrdef
       JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum WHERE attrelid = 'bank_user'::regclass AND attname = 'email_key'`,
    );
    const [{ expression } = { expression: '' }] = rows;
    // The expression of the column itself, on every letter of Unicode and not only on those that an address may have.
    const letters = Array.from({ length: 0x11_0000 }, (_, point) => point)
      .filter((point) => point > 0 && (point < 0xd800 || point > 0xdfff))
      .map((point) => String.fromCodePoint(point));
    const text = letters.join('');
    const { rows: keys } = await client.query<{ key: string }>(
      `SELECT ${expression} AS key FROM (VALUES ($1)) AS t (email)`,
      [text],
    );
    expect(keys[0]?.key === emailKey(text)).toBe(true);
  } finally {
    await client.end();
  }
});

test('no letter is taken for another but A to Z for a to z', () => {
  expect(emailKey('ALICE.Zed+1@Example.COM')).toBe('alice.zed+1@example.com');
  // The sign of kelvin, the long s, and the dotted I of Turkish, which lower or upper case would take for k, s and i.
  expect(emailKey('\u212Aſİ')).toBe('\u212Aſİ');
});
