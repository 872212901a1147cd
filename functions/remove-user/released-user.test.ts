// What openings and removals of one user leave behind: no account of somebody who is gone, and one answer for each key.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

const functions = ['register-user', 'remove-user', 'read-users', 'open-account', 'close-account'];
let bank: TestBank;
let teller: string;
let users: pg.Pool;
let ledger: pg.Pool;

beforeAll(async () => {
  const databases = await givenDatabases();
  bank = await startBank({ databases, functions });
  teller = await bank.tellerToken();
  users = new pg.Pool({ connectionString: databases.users.adminUrl, max: 2 });
  ledger = new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 2 });
});
afterAll(() => Promise.all([users.end(), ledger.end()]));

type Body = { id: number; code?: string };

async function givenUser(): Promise<number> {
  const body = { name: 'Lea Leaver', email: `${randomUUID()}@example.com` };
  return (await bank.request<Body>('POST', '/users', { token: teller, body })).body.id;
}
function open(user_id: number, key: string) {
  const body = { user_id, account_type: 'checking' };
  return bank.request<Body>('POST', '/accounts', { token: teller, body, headers: { 'idempotency-key': key } });
}
async function remove(id: number): Promise<number> {
  return (await bank.request('DELETE', `/users/${id}`, { token: teller })).status;
}
async function accountsOf(userId: number): Promise<number> {
  return (await ledger.query('SELECT FROM account WHERE user_id = $1', [userId])).rowCount ?? 0;
}
const told = ({ status, headers, body }: Awaited<ReturnType<typeof open>>) => [
  status,
  body.code,
  headers.get('idempotency-replayed'),
];

test('an opening gets the same answer under its key after the account is closed and the user is gone', async () => {
  const id = await givenUser();
  const first = await open(id, `opening ${id}`);
  expect(told(first)).toEqual([201, undefined, null]);
  expect(await remove(id)).toBe(409);
  await bank.request('DELETE', `/accounts/${first.body.id}`, { token: teller });
  expect(await remove(id)).toBe(204);

  const again = await open(id, `opening ${id}`);
  expect(told(again)).toEqual([201, undefined, 'true']);
  expect(again.body).toEqual(first.body);
  expect(told(await open(id, `another of ${id}`))).toEqual([404, 'user_not_found', null]);
  expect(await accountsOf(id)).toBe(1);
});

test('a key that was refused for an unknown user stays refused when somebody gets that number', async () => {
  const next = (await givenUser()) + 1;
  const first = await open(next, `opening ${next}`);
  expect(told(first)).toEqual([404, 'user_not_found', null]);
  expect(await givenUser()).toBe(next);
  expect(told(await open(next, `opening ${next}`))).toEqual([404, 'user_not_found', 'true']);
  expect((await open(next, `later ${next}`)).status).toBe(201);
});

test('an opening that comes between release and removal is refused as for an unknown user, for good', async () => {
  const id = await givenUser();
  expect(await bank.environment.ledger.releaseUser(id)).toBe(0);

  const refused = await open(id, `opening ${id}`);
  expect(told(refused)).toEqual([404, 'user_not_found', null]);
  expect(told(await open(id, `opening ${id}`))).toEqual([404, 'user_not_found', 'true']);
  const unknown = await open(999_999, `opening of nobody ${id}`);
  const words = ({ body }: typeof refused) => JSON.stringify({ ...body, trace_id: undefined });
  expect(words(unknown).replaceAll('999999', String(id))).toBe(words(refused));
  expect(await accountsOf(id)).toBe(0);
});

test('such an opening that came as an event is refused by an event, once', async () => {
  const id = await givenUser();
  await bank.environment.ledger.releaseUser(id);
  const headers = {
    'ce-specversion': '1.0',
    'ce-type': 'com.microbank.account.opening.requested',
    'ce-source': '/tests',
    'ce-id': `opening-${id}`,
  };
  const deliver = () =>
    bank.deliver('POST', '/open-account/', { token: teller, headers, body: { user_id: id, account_type: 'checking' } });
  const [first, second] = [await deliver(), await deliver()];
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(first.body).toMatchObject({ code: 'user_not_found', command_id: `opening-${id}` });
  expect(second.headers.get('ce-id')).toBe(first.headers.get('ce-id'));
});

test('a removal that dies after the release leaves a user without accounts, and removing again ends it', async () => {
  const id = await givenUser();
  await users.query(`
    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'died at commit'; END $$;
    CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON bank_user DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()`);
  try {
    expect(await remove(id)).toBe(500);
  } finally {
    await users.query('DROP TRIGGER die ON bank_user; DROP FUNCTION die()');
  }
  expect((await ledger.query('SELECT FROM released_user WHERE user_id = $1', [id])).rowCount).toBe(1);
  expect((await bank.request('GET', `/users/${id}`, { token: teller })).status).toBe(200);
  expect(told(await open(id, `opening ${id}`))).toEqual([404, 'user_not_found', null]);

  expect(await remove(id)).toBe(204);
  expect((await bank.request('GET', `/users/${id}`, { token: teller })).status).toBe(404);
});

test('nobody is released through the edge, only at the address of the function', async () => {
  const id = await givenUser();
  const headers = {
    'ce-specversion': '1.0',
    'ce-type': 'com.microbank.user.release.requested',
    'ce-source': '/tests',
    'ce-id': randomUUID(),
  };
  const question = { token: teller, headers, body: { user_id: id } };
  for (const path of ['/', '/close-account/', '/accounts', '/accounts/1', '/users']) {
    expect((await bank.request('POST', path, question)).status, path).toBeGreaterThanOrEqual(400);
  }
  expect((await open(id, `opening ${id}`)).status).toBe(201);
  const inside = await bank.deliver('POST', '/close-account/', question);
  expect([inside.status, (inside.body as { data: unknown }).data]).toEqual([200, { open_accounts: 1 }]);
});
