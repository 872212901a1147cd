// Who renews a session: whoever has its secret, once; and what happens when two people have it.
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DatabaseAddresses } from '../../platform/local/databases.ts';
import { givenIssuer, startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { Session, SignedInSession } from './contract.ts';
import { repeatedWithinMs } from './renew-session.ts';

const password = 'four unrelated words do';
let databases: DatabaseAddresses;
let copies: TestBank[];
let admin: pg.Pool;
let clock = new Date();
beforeAll(async () => {
  databases = await givenDatabases();
  const issuer = await givenIssuer();
  const copy = () =>
    startBank({ databases, issuer, functions: ['register-user', 'sign-in', 'read-users'], now: () => clock });
  copies = [await copy(), await copy()];
  admin = new pg.Pool({ connectionString: databases.users.adminUrl, max: 2 });
});
afterAll(() => admin.end());

type Problem = { code: string };
let people = 0;
let first: Session;
let userId: number;
beforeEach(async () => {
  clock = new Date();
  const body = { name: 'Some Body', email: `somebody${++people}@example.com`, password };
  userId = (await copies[0]!.request<{ id: number }>('POST', '/users', { body })).body.id;
  first = (await signIn()).body;
});

const signIn = () =>
  copies[0]!.request<Session>('POST', '/sessions', {
    body: { email: `somebody${people}@example.com`, password },
    headers: {
      'x-forwarded-for': `198.51.100.${people}`,
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0',
    },
  });
const renew = ({ session_id, renewal_secret }: Pick<Session, 'session_id' | 'renewal_secret'>, copy = 0) =>
  copies[copy]!.request<Session & Problem>('POST', '/sessions/renewal', {
    body: { session_id, renewal_secret },
    headers: { 'user-agent': 'curl/8.14.1', 'x-forwarded-for': '203.0.113.9' },
  });
const later = (ms: number) => (clock = new Date(clock.getTime() + ms));
const refused = { status: 401, body: { code: 'session_ended' } };

test('each secret renews once and gives the next, in any copy, until the session ends', async () => {
  let last = first;
  for (let i = 1; i <= 47; i++) {
    later(15 * 60_000);
    const renewed = await renew(last, i % 2);
    expect([i, renewed.status, renewed.body.session_id, renewed.body.ends_at]).toEqual([
      i,
      200,
      first.session_id,
      first.ends_at,
    ]);
    expect(renewed.body.renewal_secret).not.toBe(last.renewal_secret);
    const self = await copies[1]!.request('GET', `/users/${userId}`, { token: renewed.body.access_token });
    expect(self.status).toBe(200);
    last = renewed.body;
  }
  later(15 * 60_000);
  expect(await renew(last)).toMatchObject(refused);
});

test('the same secret again gets the same answer for a while: the first may have been lost, or two tabs have asked', async () => {
  const [one, other] = await Promise.all([renew(first, 0), renew(first, 1)]);
  expect([one.status, other.status, other.body.renewal_secret]).toEqual([200, 200, one.body.renewal_secret]);
  later(repeatedWithinMs - 1);
  expect((await renew(first)).body.renewal_secret).toBe(one.body.renewal_secret);
  expect(await renew(one.body)).toMatchObject({ status: 200 });
});

test.each([
  ['some time after it was used', () => later(repeatedWithinMs), (next: Session) => next],
  ['after its successor was used', () => clock, async (next: Session) => (await renew(next)).body],
])('a secret that comes %s ends the session, for the thief and for its owner', async (_when, pass, use) => {
  const next = await use((await renew(first)).body);
  pass();
  expect(await renew(first)).toMatchObject(refused);
  expect(await renew(next)).toMatchObject(refused);

  const { rows } = await admin.query<object>('SELECT ended_reason FROM session WHERE id = $1', [first.session_id]);
  expect(rows).toEqual([{ ended_reason: 'renewal_secret_reused' }]);
  const entries = `SELECT act, actor_role, session_id FROM audit_entry WHERE subject = $1 AND act = 'session.stolen'`;
  expect((await admin.query<object>(entries, [`users/${userId}`])).rows).toEqual([
    { act: 'session.stolen', actor_role: 'anonymous', session_id: first.session_id },
  ]);
  expect(await signIn()).toMatchObject({ status: 201 });
});

test('nothing but the secret renews: no token, no made-up secret, none of another session or kind; and none of them ends it', async () => {
  const other = (await signIn()).body;
  const [number, secret] = first.renewal_secret.split('.') as [string, string];
  const wrong = [
    { ...first, renewal_secret: first.access_token.slice(0, 90) },
    { ...first, renewal_secret: other.renewal_secret },
    { ...first, renewal_secret: `1.${secret}` },
    { ...first, renewal_secret: `${number}.${'A'.repeat(43)}` },
    { ...first, renewal_secret: `-1.${secret}` },
    { ...first, session_id: other.session_id },
    { ...first, session_id: '00000000-0000-7000-8000-000000000000' },
  ];
  for (const shown of wrong) expect(await renew(shown)).toMatchObject(refused);
  const cookie = `microbank_renewal=${first.session_id}.${first.renewal_secret}`;
  const headers = { 'x-requested-with': 'microbank-web', cookie };
  expect(await copies[0]!.request('POST', '/web-sessions/current/renewal', { headers })).toMatchObject(refused);
  const token = first.access_token;
  const byToken = { token, headers: { 'x-requested-with': 'microbank-web', cookie: `microbank_session=${token}` } };
  expect(await copies[0]!.request('POST', '/web-sessions/current/renewal', byToken)).toMatchObject(refused);
  expect(await renew(first)).toMatchObject({ status: 200 });
});

test('the database has digests of secrets only, and says from where a session was renewed last', async () => {
  await renew(first);
  const { rows } = await admin.query('SELECT s::text AS row FROM session s WHERE id = $1', [first.session_id]);
  expect(JSON.stringify(rows)).not.toContain(first.renewal_secret.split('.')[1]);
  const { body } = await copies[0]!.request<SignedInSession[]>('GET', '/sessions', { token: first.access_token });
  expect(body).toMatchObject([{ id: first.session_id, kind: 'api', device: 'curl', network: '203.0.113.9' }]);
});

test('a renewal and the session’s end take turns: whatever was renewed is over afterwards', async () => {
  for (let round = 0; round < 5; round++) {
    const session = (await signIn()).body;
    const path = `/sessions/${session.session_id}`;
    const [renewed, ended] = await Promise.all([
      renew(session, 1),
      copies[0]!.request('DELETE', path, { token: session.access_token }),
    ]);
    expect(ended.status).toBe(204);
    if (renewed.status === 200) expect(await renew(renewed.body)).toMatchObject(refused);
    else expect(renewed).toMatchObject(refused);
  }
});
