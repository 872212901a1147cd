import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import pg from 'pg';
import { userRemoved } from '../../eventing/events/user-removed.ts';
import type { DatabaseAddresses } from '../../platform/local/databases.ts';
import { Unavailable } from '../shared/contract/errors.ts';
import { givenIssuer, startBank, type TestBank } from '../shared/testing/harness.ts';
import { createLedgerStub } from '../shared/testing/ledger-stub.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

let openAccounts: (userId: number) => Promise<number> | number;
let databases: DatabaseAddresses;
let copies: TestBank[];
let teller: string;
let admin: pg.Pool;

beforeAll(async () => {
  databases = await givenDatabases();
  const issuer = await givenIssuer();
  const functions = [
    'register-user',
    'remove-user',
    'read-users',
    'sign-in',
    createLedgerStub((userId) => openAccounts(userId)),
  ];
  copies = [await startBank({ databases, issuer, functions }), await startBank({ databases, issuer, functions })];
  teller = await copies[0]!.tellerToken();
  admin = new pg.Pool({ connectionString: databases.users.adminUrl, max: 2 });
});
beforeEach(() => {
  openAccounts = () => 0;
});
afterAll(() => admin.end());

const password = 'four unrelated words do';
let people = 0;
type Person = { id: number; email: string; token: string; registrationKey: string };

async function givenUser(more: { role?: 'teller' | 'customer'; password?: string } = {}): Promise<Person> {
  const email = `leaver${++people}@example.com`;
  const registrationKey = `registration of ${email}`;
  const { status, body } = await copies[0]!.request<{ id: number }>('POST', '/users', {
    token: teller,
    body: { name: 'Lea Leaver', email, phone: '555 0199', ...more },
    headers: { 'idempotency-key': registrationKey },
  });
  expect(status).toBe(201);
  return {
    id: body.id,
    email,
    registrationKey,
    token: await copies[0]!.tokenFor({ userId: body.id, role: more.role ?? 'customer' }),
  };
}

type Parts = { token?: string; key?: string; copy?: number };
function remove(id: number, { token = teller, key, copy = 0 }: Parts = {}) {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  return copies[copy % 2]!.request<{ code: string }>('DELETE', `/users/${id}`, { token, headers });
}
async function isPresent(id: number): Promise<boolean> {
  const { status } = await copies[1]!.request('GET', `/users/${id}`, { token: teller });
  return status === 200;
}

test('removes a user, erases the person and tells it', async () => {
  const { id, email, registrationKey } = await givenUser({ password });
  const { status, body } = await remove(id);
  expect([status, body]).toEqual([204, undefined]);
  expect(await isPresent(id)).toBe(false);

  const { rows } = await admin.query<Record<string, unknown>>('SELECT * FROM bank_user WHERE id = $1', [id]);
  expect(rows).toEqual([
    expect.objectContaining({
      name: null,
      email: null,
      phone: null,
      password_hash: null,
      removed_at: expect.any(Date),
    }),
  ]);
  const kept = await admin.query('SELECT k::text FROM idempotency_key k WHERE key = $1', [registrationKey]);
  expect(JSON.stringify(kept.rows)).not.toMatch(/Lea Leaver|555 0199/);

  const events = await admin.query<Record<string, unknown>>(
    "SELECT * FROM outbox WHERE subject = $1 AND type LIKE '%removed'",
    [`users/${id}`],
  );
  expect(events.rows).toEqual([
    expect.objectContaining({
      type: 'com.microbank.user.removed',
      source: '/microbank/remove-user',
      sequence: '2',
      partitionkey: `users/${id}`,
    }),
  ]);
  expect(userRemoved.data.parse(events.rows[0]?.['data'])).toMatchObject({ user_id: id });

  expect(await copies[0]!.request('POST', '/sessions', { body: { email, password } })).toMatchObject({ status: 401 });
  expect(await remove(id)).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
});

test('frees the address, and tells a late copy of the registration that its answer is gone', async () => {
  const { id, email, registrationKey } = await givenUser();
  await remove(id);
  const body = { name: 'Lea Leaver', email, phone: '555 0199' };
  const late = await copies[0]!.request('POST', '/users', {
    token: teller,
    body,
    headers: { 'idempotency-key': registrationKey },
  });
  expect(late).toMatchObject({ status: 410, body: { code: 'answer_erased' } });
  expect(await copies[0]!.request('POST', '/users', { token: teller, body })).toMatchObject({ status: 201 });
});

test('lets customers remove themselves and nobody else', async () => {
  const [one, two] = [await givenUser(), await givenUser()];
  expect(await remove(two.id, { token: one.token })).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
  expect(await isPresent(two.id)).toBe(true);
  expect(await remove(one.id, { token: one.token })).toMatchObject({ status: 204 });
  expect(await copies[0]!.request('DELETE', `/users/${two.id}`)).toMatchObject({ status: 401 });
});

describe('while the ledger is asked', () => {
  test('the user is still there for everyone, and nobody waits to read', async () => {
    const { id } = await givenUser();
    let wasPresent: boolean | undefined;
    openAccounts = async () => {
      wasPresent = await isPresent(id);
      return 0;
    };
    expect(await remove(id)).toMatchObject({ status: 204 });
    expect(wasPresent).toBe(true);
  });

  test('another removal of the same user waits, and finds nobody', async () => {
    const { id } = await givenUser();
    let other: ReturnType<typeof remove> | undefined;
    openAccounts = () => {
      other = remove(id, { copy: 1 });
      return sleep(100, 0);
    };
    expect(await remove(id)).toMatchObject({ status: 204 });
    expect(await other).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
  });

  test('a removal of somebody else does not wait', async () => {
    const [one, two] = [await givenUser(), await givenUser()];
    let other: number | undefined;
    openAccounts = async (userId) => {
      if (userId === one.id) other = (await remove(two.id, { copy: 1 })).status;
      return 0;
    };
    expect(await remove(one.id)).toMatchObject({ status: 204 });
    expect(other).toBe(204);
  });
});

test('refuses while the user has an open account, and keeps the person as they were', async () => {
  const { id } = await givenUser();
  const before = await copies[0]!.request('GET', `/users/${id}`, { token: teller });
  openAccounts = () => 1;
  expect(await remove(id)).toMatchObject({ status: 409, body: { code: 'user_has_open_accounts' } });
  expect((await copies[1]!.request('GET', `/users/${id}`, { token: teller })).body).toEqual(before.body);

  openAccounts = () => 0;
  expect(await remove(id)).toMatchObject({ status: 204 });
});

test('removes nobody when the ledger does not answer, and the same key may try again', async () => {
  const { id } = await givenUser();
  openAccounts = () => {
    throw new Unavailable('the ledger', undefined);
  };
  const { status, headers } = await remove(id, { key: `remove ${id}` });
  expect([status, headers.has('retry-after')]).toEqual([503, true]);
  expect(await isPresent(id)).toBe(true);

  openAccounts = () => 0;
  expect(await remove(id, { key: `remove ${id}` })).toMatchObject({ status: 204 });
});

test('removes nobody when the answer of the ledger takes too long', { timeout: 15_000 }, async () => {
  const { id } = await givenUser();
  const enough = new AbortController();
  openAccounts = () => sleep(10_000, 0, { signal: enough.signal });
  expect(await remove(id)).toMatchObject({ status: 503 });
  expect(await isPresent(id)).toBe(true);
  enough.abort();
});

test('does not ask the ledger about nobody', async () => {
  let asked = 0;
  openAccounts = () => asked++;
  expect(await remove(999_999)).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
  expect(asked).toBe(0);
});

describe('the same key', () => {
  test('gives the same answer after the user is gone', async () => {
    const { id } = await givenUser();
    const [first, second] = [
      await remove(id, { key: `remove ${id}` }),
      await remove(id, { key: `remove ${id}`, copy: 1 }),
    ];
    expect([first.status, second.status]).toEqual([204, 204]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await remove(id, { key: `another for ${id}` })).toMatchObject({ status: 404 });
  });

  test('stays refused once it was refused', async () => {
    const { id } = await givenUser();
    openAccounts = () => 1;
    await remove(id, { key: `remove ${id}` });
    openAccounts = () => 0;
    expect(await remove(id, { key: `remove ${id}` })).toMatchObject({
      status: 409,
      body: { code: 'user_has_open_accounts' },
    });
    expect(await isPresent(id)).toBe(true);
  });

  test('removes once when the CloudEvent is delivered twice, and answers with the same event', async () => {
    const { id } = await givenUser();
    const event = {
      token: teller,
      body: { id },
      headers: {
        'ce-specversion': '1.0',
        'ce-type': 'com.microbank.user.removal.requested',
        'ce-source': '/tests',
        'ce-id': `removal-${id}`,
      },
    };
    const first = await copies[0]!.deliver('POST', '/remove-user/', event);
    const second = await copies[1]!.deliver('POST', '/remove-user/', event);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.body).toMatchObject({ user_id: id });
    expect(second.headers.get('ce-id')).toBe(first.headers.get('ce-id'));
  });
});
