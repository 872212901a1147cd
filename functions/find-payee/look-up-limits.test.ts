// How often somebody may look for payees, over two copies of the function; and what is written down of it.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { givenIssuer, startBank, type TestBank } from '../shared/testing/harness.ts';
import type { Issuer } from '../shared/testing/issuer.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { lookUpLimit, missLimit, networkLimit } from './look-up-limits.ts';

let copies: TestBank[];
let issuer: Issuer;
let admin: pg.Pool;
let teller: string;
let clock = new Date();
let alice: number;

beforeAll(async () => {
  const databases = await givenDatabases();
  issuer = await givenIssuer();
  const functions = ['register-user', 'read-users', 'open-account', 'find-payee'];
  const copy = () => startBank({ databases, issuer, functions, now: () => clock });
  copies = [await copy(), await copy()];
  admin = new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 2 });
  teller = await issuer.tokenFor({ userId: 900, role: 'teller' });
  const post = (path: string, body: object) =>
    copies[0]!.request<{ id: number }>('POST', path, { token: teller, body });
  alice = (await post('/users', { name: 'Alice Johnson', email: 'alice@example.com' })).body.id;
  await post('/accounts', { user_id: alice, account_type: 'checking' });
});
afterAll(() => admin.end());

let people = 901;
let asked = 0;
async function find(token: string, email = 'alice@example.com', from = `198.51.${people >> 8}.${people & 255}`) {
  return await copies[++asked % 2]!.request<{ code: string }>('GET', `/payees?email=${email}&currency=USD`, {
    token,
    headers: { 'x-forwarded-for': from },
  });
}
async function statusesOf(times: number, ask: (i: number) => ReturnType<typeof find>): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: times }, (_, i) => ask(i)));
  return answers.map(({ status }) => status);
}
const countOf = (statuses: number[], status: number): number => statuses.filter((one) => one === status).length;
const givenPerson = (): Promise<string> => issuer.tokenFor({ userId: ++people });

test('somebody finds thirty payees at once, then one each two minutes', async () => {
  const token = await givenPerson();
  // One after the other in bursts: many at once are counted as misses until each is known to be none.
  let found = 0;
  for (let i = 0; i < 8; i++) found += countOf(await statusesOf(5, () => find(token)), 200);
  expect(found).toBe(lookUpLimit.free);
  const refused = await find(token);
  expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
  expect(Number(refused.headers.get('retry-after'))).toBe(10);
  expect(refused.headers.get('ratelimit-policy')).toBe('"payees";q=30;w=3600');
  clock = new Date(clock.getTime() + 240_000);
  expect((await find(token)).status).toBe(200);
  expect((await find(token)).status).toBe(200);
  expect((await find(token)).status).toBe(429);
});

test('somebody looks in vain ten times, however many at once', async () => {
  const token = await givenPerson();
  const statuses = await statusesOf(40, (i) => find(token, `nobody${i}@example.com`));
  expect([countOf(statuses, 404), countOf(statuses, 429)]).toEqual([missLimit.free, 30]);
});

test('one network, with as many people as it likes, looks three hundred times', async () => {
  const from = '203.0.113.9';
  const tokens = await Promise.all(Array.from({ length: 32 }, givenPerson));
  let answered = 0;
  for (let i = 0; i < 10; i++) answered += countOf(await statusesOf(32, (j) => find(tokens[j]!, undefined, from)), 200);
  expect(answered).toBe(networkLimit.free);
  expect((await find(await givenPerson(), undefined, from)).status).toBe(429);
});

test('a teller is not counted', async () => {
  expect(countOf(await statusesOf(40, () => find(teller, 'nobody@example.com')), 404)).toBe(40);
});

test('each look-up is in the audit trail, by whom and for whom, without the address', async () => {
  const token = await givenPerson();
  const actor = people;
  await find(token);
  await find(token, 'nobody@example.com');
  const { rows } = await admin.query(
    'SELECT act, actor_role, subject, details FROM audit_entry WHERE actor_id = $1 ORDER BY id',
    [actor],
  );
  const common = { act: 'payee.looked_up', actor_role: 'customer' };
  expect(rows).toEqual([
    { ...common, subject: `users/${alice}`, details: { currency: 'USD', found: true } },
    { ...common, subject: 'users/unknown', details: { currency: 'USD', found: false } },
  ]);
  const trail = await admin.query('SELECT a::text FROM audit_entry a');
  expect(JSON.stringify(trail.rows)).not.toContain('@');
});
