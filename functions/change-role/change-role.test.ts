// Roles given and taken, by whom, and what becomes of sessions meanwhile.
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DatabaseAddresses } from '../../platform/local/databases.ts';
import type { User } from '../shared/contract/user.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { createLedgerStub } from '../shared/testing/ledger-stub.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { Session } from '../sign-in/contract.ts';

const password = 'four unrelated words do';
let dismiss: (userId: number, dismissed: boolean) => Promise<void> | void;
let told: [userId: number, dismissed: boolean][];
let databases: DatabaseAddresses;
let bank: TestBank;
let teller: string;
let admin: pg.Pool;
beforeAll(async () => {
  databases = await givenDatabases();
  const ledger = createLedgerStub(
    () => 0,
    (...asked) => dismiss(...asked),
  );
  const functions = ['register-user', 'remove-user', 'change-role', 'sign-in', 'read-users', ledger];
  bank = await startBank({ databases, functions });
  admin = new pg.Pool({ connectionString: databases.users.adminUrl, max: 2 });
});
afterAll(() => admin.end());
beforeEach(async () => {
  told = [];
  dismiss = (...asked) => void told.push(asked);
  teller = await bank.tellerToken();
});

type Answer = User & { code: string };
let people = 0;
async function givenUser(role: 'customer' | 'teller' = 'customer') {
  const email = `somebody${++people}@example.com`;
  const body = { name: 'Some Body', email, password, role };
  const { id } = (await bank.request<User>('POST', '/users', { token: teller, body })).body;
  const signIn = async () => {
    const headers = { 'x-forwarded-for': `198.51.100.${people}` };
    return (await bank.request<Session>('POST', '/sessions', { body: { email, password }, headers })).body;
  };
  return { id, signIn };
}
const change = (id: number, role: string, more: { token?: string; key?: string } = {}) =>
  bank.request<Answer>('POST', `/users/${id}/role`, {
    token: more.token ?? teller,
    body: { role, reason: 'Asked for by the branch' },
    headers: more.key === undefined ? {} : { 'idempotency-key': more.key },
  });
const renew = ({ session_id, renewal_secret }: Session) =>
  bank.request<Session & { code: string }>('POST', '/sessions/renewal', { body: { session_id, renewal_secret } });
async function roleOf(token: string, id: number) {
  return (await bank.request<User>('GET', `/users/${id}`, { token })).body.role;
}

test('a customer becomes a teller and a customer again; their sessions end, and the next one has the new role', async () => {
  await givenUser('teller'); // So that it is not the last.
  const { id, signIn } = await givenUser();
  const asCustomer = await signIn();
  const made = await change(id, 'teller');
  expect([made.status, made.body.role, told]).toEqual([200, 'teller', [[id, false]]]);
  expect(await renew(asCustomer)).toMatchObject({ status: 401, body: { code: 'session_ended' } });

  const asTeller = await signIn();
  expect((await bank.request('GET', '/users', { token: asTeller.access_token })).status).toBe(200);
  const unmade = await change(id, 'customer');
  expect([unmade.status, unmade.body.role, told[1]]).toEqual([200, 'customer', [id, true]]);
  expect(await renew(asTeller)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
  // Their token may still be taken for some seconds, but it makes nobody a teller.
  const again = await change(id, 'teller', { token: asTeller.access_token });
  expect([again.status, again.body.code]).toEqual([401, 'session_ended']);

  const { rows } = await admin.query<object>(
    `SELECT act, actor_id::int, reason, details FROM audit_entry WHERE subject = $1 AND act = 'role.changed' ORDER BY id`,
    [`users/${id}`],
  );
  const entry = { act: 'role.changed', actor_id: 900, reason: 'Asked for by the branch' };
  expect(rows).toEqual([
    { ...entry, details: { from: 'customer', to: 'teller' } },
    { ...entry, details: { from: 'teller', to: 'customer' } },
  ]);
});

test('the same role again changes nothing, ends no session and is not written down, but the ledger hears of it', async () => {
  const { id, signIn } = await givenUser();
  const session = await signIn();
  expect(await change(id, 'customer')).toMatchObject({ status: 200, body: { role: 'customer' } });
  expect(await renew(session)).toMatchObject({ status: 200 });
  expect(told).toEqual([[id, true]]);
});

test('the same key changes once, whatever came between', async () => {
  const { id } = await givenUser();
  await change(id, 'teller', { key: 'made' });
  await change(id, 'customer', { key: 'unmade' });
  const again = await change(id, 'teller', { key: 'made' });
  expect([again.status, again.body.role, again.headers.get('idempotency-replayed')]).toEqual([200, 'teller', 'true']);
  expect(await roleOf(teller, id)).toBe('customer');
});

test('only tellers change roles, of those who are there, and say why', async () => {
  const { id, signIn } = await givenUser();
  const { access_token } = await signIn();
  expect(await change(id, 'teller', { token: access_token })).toMatchObject({
    status: 403,
    body: { code: 'forbidden' },
  });
  expect(await change(9_999, 'teller')).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
  for (const body of [{ role: 'teller' }, { role: 'teller', reason: ' ' }, { role: 'owner', reason: 'x' }]) {
    const refused = await bank.request('POST', `/users/${id}/role`, { token: teller, body });
    expect(refused).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
  }
  expect(await roleOf(teller, id)).toBe('customer');
  expect(told).toEqual([]);
});

test('without the ledger’s answer nobody’s role changes', async () => {
  const { id, signIn } = await givenUser('teller');
  await givenUser('teller'); // So that it is not the last.
  const session = await signIn();
  dismiss = () => Promise.reject(new Error('away'));
  expect(await change(id, 'customer')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(await roleOf(teller, id)).toBe('teller');
  expect(await renew(session)).toMatchObject({ status: 200 });
});

test('the last teller who can sign in stays one, also when the last two make each other customers at once', async () => {
  await admin.query(`UPDATE bank_user SET role = 'customer' WHERE role = 'teller' AND id <> 900`);
  for (let round = 0; round < 5; round++) {
    const [one, two] = [await givenUser('teller'), await givenUser('teller')];
    await admin.query(`UPDATE bank_user SET role = 'customer' WHERE role = 'teller' AND id NOT IN (900, $1, $2)`, [
      one.id,
      two.id,
    ]);
    const [first, second] = [(await one.signIn()).access_token, (await two.signIn()).access_token];
    const answers = await Promise.all([
      change(two.id, 'customer', { token: first }),
      change(one.id, 'customer', { token: second }),
    ]);
    const outcomes = answers.map(({ status, body }) => `${status} ${body.code}`).sort();
    // Whoever came second was no teller any more.
    expect(outcomes).toEqual(['200 undefined', '401 session_ended']);
    const left = answers[0].status === 200 ? one.id : two.id;
    expect(await change(left, 'customer')).toMatchObject({ status: 409, body: { code: 'last_teller' } });
  }
});

test('a teller who is made a customer makes no teller afterwards: either comes first', async () => {
  for (let round = 0; round < 10; round++) {
    const { id, signIn } = await givenUser('teller');
    const { access_token: token } = await signIn();
    const body = { name: 'Accomplice', email: `accomplice${round}@example.com`, role: 'teller' };
    const make = async () => {
      // Ahead of the change or after it, so that each comes first sometimes; the ledger's answer takes longer than either.
      await new Promise((resolve) => setTimeout(resolve, (round % 5) * 8));
      return (await bank.request<Partial<Answer>>('POST', '/users', { token, body })).body;
    };
    const [made, changed] = await Promise.all([make(), change(id, 'customer')]);
    expect(changed.status).toBe(200);
    const entries = `SELECT e.act, e.id::int FROM audit_entry e WHERE subject = ANY($1) ORDER BY id`;
    const { rows } = await admin.query<{ act: string }>(entries, [[`users/${id}`, `users/${made.id}`]]);
    const acts = rows.map(({ act }) => act);
    // Made before the role was lost, or not at all.
    if (made.code === undefined) expect(acts.lastIndexOf('teller.made')).toBeLessThan(acts.indexOf('role.changed'));
    else expect(['session_ended', 'forbidden']).toContain(made.code);
  }
});
