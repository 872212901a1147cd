import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { givenDatabases } from '../testing/postgres.ts';

let role: Client;
beforeAll(async () => {
  role = new Client({ connectionString: (await givenDatabases()).users.url });
  await role.connect();
});
afterAll(() => role.end());

test.each([
  'DELETE FROM bank_user',
  'UPDATE session SET user_id = 1',
  'UPDATE session SET ends_at = now()',
  'UPDATE bank_user SET registered_at = now()',
  "UPDATE bank_user SET email_key = 'x'",
  'DELETE FROM outbox',
  "UPDATE outbox SET data = '{}'",
  'DELETE FROM idempotency_key',
  "UPDATE idempotency_key SET fingerprint = ''",
  'TRUNCATE attempt',
  'CREATE TABLE mine (id int)',
])('the application may not %s', async (statement) => {
  const insufficientPrivilege = '42501';
  const generatedColumn = '428C9';
  const { code } = await role.query(statement).then(
    () => ({ code: 'allowed' }),
    (error: unknown) => error as { code: string },
  );
  expect([insufficientPrivilege, generatedColumn]).toContain(code);
});

test.each([
  "INSERT INTO bank_user (name, email, role) VALUES ('', 'a@example.com', 'customer')",
  `INSERT INTO bank_user (name, email, role) VALUES (repeat('x', 101), 'a@example.com', 'customer')`,
  "INSERT INTO bank_user (name, email, role) VALUES ('A', 'a@example.com', 'owner')",
  "INSERT INTO bank_user (name, email, role, password_hash) VALUES ('A', 'a@example.com', 'customer', 'plain text')",
  "INSERT INTO bank_user (name, role) VALUES ('A', 'customer')",
])('the database refuses %s', async (statement) => {
  const checkViolation = '23514';
  await expect(role.query(statement)).rejects.toMatchObject({ code: checkViolation });
});
