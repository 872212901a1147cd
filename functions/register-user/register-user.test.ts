import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { userRegistered } from '../../eventing/events/user-registered.ts';
import type { User } from '../shared/contract/user.ts';
import { givenIssuer, startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

const password = 'four unrelated words do';
let copies: TestBank[];
let teller: string;
let admin: pg.Pool;

beforeAll(async () => {
  const databases = await givenDatabases();
  const issuer = await givenIssuer();
  copies = [
    await startBank({ databases, issuer, functions: ['register-user'] }),
    await startBank({ databases, issuer, functions: ['register-user'] }),
  ];
  teller = await copies[0]!.tellerToken();
  admin = new pg.Pool({ connectionString: databases.users.adminUrl, max: 2 });
});
afterAll(() => admin.end());

type Parts = { token?: string; key?: string; copy?: number; from?: string };
let addresses = 0;
/** From an address of its own, unless one is given: strangers are counted by network. */
function register(body: unknown, { token, key, copy = 0, from = `198.51.100.${++addresses}` }: Parts = {}) {
  const headers: Record<string, string> = {
    'x-forwarded-for': from,
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  return copies[copy % 2]!.request<User & { code: string; errors: { pointer: string }[] }>('POST', '/users', {
    token,
    body,
    headers,
  });
}

let people = 0;
function somebody(more: object = {}) {
  return { name: 'Some Body', email: `somebody${++people}@example.com`, password, ...more };
}

test('registers whom a teller describes, without a password', async () => {
  const { status, headers, body } = await register(
    { name: 'Alice Johnson', email: 'alice@example.com' },
    { token: teller },
  );
  expect(status).toBe(201);
  expect(headers.get('location')).toBe(`/api/users/${body.id}`);
  expect(body).toEqual({
    id: expect.any(Number),
    name: 'Alice Johnson',
    email: 'alice@example.com',
    phone: null,
    role: 'customer',
    registered_at: expect.stringMatching(/^\d{4}-.*Z$/),
  });
});

test('registers a person who chooses a password, and keeps nothing of it but a hash', async () => {
  const { status, body } = await register({
    name: ' Zoë O’Néill ',
    email: 'Zoe@Example.com',
    phone: '1234567890',
    password,
  });
  expect(status).toBe(201);
  expect(body).toMatchObject({ name: 'Zoë O’Néill', email: 'Zoe@Example.com', phone: '1234567890', role: 'customer' });
  expect(body).not.toHaveProperty('password');

  const { rows } = await admin.query<{ password_hash: string }>('SELECT password_hash FROM bank_user WHERE id = $1', [
    body.id,
  ]);
  expect(rows[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await dumpTables()).not.toContain(password);
});

test('tells the registration as an event of the same commit', async () => {
  const { body } = await register(somebody({ phone: '+41 44 123 45 67' }));
  const { rows } = await admin.query<Record<string, unknown>>('SELECT * FROM outbox WHERE subject = $1', [
    `users/${body.id}`,
  ]);
  const { id, ...facts } = body;
  expect(rows).toEqual([
    expect.objectContaining({
      type: 'com.microbank.user.registered',
      source: '/microbank/register-user',
      partitionkey: `users/${id}`,
      sequence: '1',
      data: { user_id: id, ...facts },
    }),
  ]);
  expect(userRegistered.data.parse(rows[0]?.['data'])).toEqual({ user_id: id, ...facts });
});

describe('who may register whom', () => {
  test('a person who registers themselves needs a password', async () => {
    const customer = await copies[0]!.tokenFor({ userId: 901 });
    for (const token of [undefined, customer]) {
      const { status, body } = await register(
        { name: 'No Password', email: 'none@example.com' },
        token === undefined ? {} : { token },
      );
      expect([status, body.code, body.errors.map(({ pointer }) => pointer)]).toEqual([
        422,
        'validation_failed',
        ['/password'],
      ]);
    }
  });

  test('only a teller makes tellers', async () => {
    const customer = await copies[0]!.tokenFor({ userId: 901 });
    expect(await register(somebody({ role: 'teller' }))).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await register(somebody({ role: 'teller' }), { token: customer })).toMatchObject({ status: 403 });
    expect(await register(somebody({ role: 'teller' }), { token: teller })).toMatchObject({
      status: 201,
      body: { role: 'teller' },
    });
    expect(await register(somebody({ role: 'customer' }))).toMatchObject({ status: 201 });
  });
});

test('gives an address to exactly one of twenty who ask for it at once', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      register(somebody({ email: i % 2 ? 'Race@example.com' : 'race@EXAMPLE.com' }), { copy: i }),
    ),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  const refused = answers.filter(({ status }) => status === 409);
  expect(refused).toHaveLength(19);
  for (const { body } of refused) expect(body).toMatchObject({ code: 'email_taken', errors: [{ pointer: '/email' }] });
  expect(await countRows("bank_user WHERE email_key = 'race@example.com'")).toBe(1);
});

describe('the same key', () => {
  test('registers one person, however often and wherever it arrives', async () => {
    const person = somebody();
    const key = 'registration-1';
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => register(person, { key, copy: i, token: teller })),
    );
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') !== 'true')).toHaveLength(1);
    expect(await countRows(`outbox WHERE subject = 'users/${answers[0]?.body.id}'`)).toBe(1);
  });

  test('does not register another person', async () => {
    await register(somebody(), { key: 'registration-2', token: teller });
    const { status, body } = await register(somebody(), { key: 'registration-2', token: teller });
    expect([status, body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  test('stays refused once it was refused', async () => {
    const first = somebody();
    await register(first);
    const second = { ...first, name: 'Too Late' };
    expect(await register(second, { key: 'registration-3' })).toMatchObject({ status: 409 });
    await admin.query('UPDATE bank_user SET email = $2 WHERE email = $1', [first.email, 'moved@example.com']);
    const again = await register(second, { key: 'registration-3' });
    expect([again.status, again.body.code, again.headers.get('idempotency-replayed')]).toEqual([
      409,
      'email_taken',
      'true',
    ]);
  });

  test('of two callers names two requests', async () => {
    const [one, two] = [
      await register(somebody(), { key: 'mine' }),
      await register(somebody(), { key: 'mine', token: teller }),
    ];
    expect([one.status, two.status]).toEqual([201, 201]);
  });

  test('of two strangers names two requests, whatever key the other has chosen', async () => {
    const [one, two] = [somebody(), somebody()];
    const answers = [await register(one, { key: '1' }), await register(two, { key: '1', copy: 1 })];
    expect(answers.map(({ status, body }) => [status, body.email])).toEqual([
      [201, one.email],
      [201, two.email],
    ]);
    // The same stranger, however the address is written, has used it.
    const again = await register({ ...one, email: one.email.toUpperCase(), name: 'Other' }, { key: '1' });
    expect([again.status, again.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  test.each<[what: string, changes: object, isByTeller?: boolean]>([
    ['another password', { password: 'five other words are better' }],
    ['a password more', { password }, true],
    ['another name', { name: 'Other' }],
    ['another phone', { phone: '+41 44 123 45 67' }],
    ['another role', { role: 'customer' }],
  ])('with %s is no copy, and is not answered as one', async (_what, changes, isByTeller = false) => {
    const person = isByTeller ? somebody({ password: undefined }) : somebody();
    const parts = { key: `registration-of-${person.email}`, ...(isByTeller && { token: teller }) };
    expect((await register(person, parts)).status).toBe(201);
    const other = await register({ ...person, ...changes }, parts);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    // What was sent first is still answered as it was.
    expect((await register(person, { ...parts, copy: 1 })).status).toBe(201);
  });
});

async function countRows(from: string): Promise<number> {
  const { rows } = await admin.query<{ count: string }>(`SELECT count(*) FROM ${from}`);
  return Number(rows[0]?.count);
}

async function dumpTables(): Promise<string> {
  const tables = ['bank_user', 'attempt', 'idempotency_key', 'outbox'];
  const dumps = await Promise.all(tables.map((table) => admin.query(`SELECT t::text FROM ${table} t`)));
  return JSON.stringify(dumps.map(({ rows }) => rows as unknown[]));
}
