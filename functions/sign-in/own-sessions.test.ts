// Where somebody is signed in, seen and ended: their own sessions, and for tellers anybody's.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DatabaseAddresses } from '../../platform/local/databases.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { sessionsMax } from './begin-session.ts';
import type { EndedSessions, Session, SignedInSession } from './contract.ts';

const password = 'four unrelated words do';
let databases: DatabaseAddresses;
let bank: TestBank;
let admin: pg.Pool;
beforeAll(async () => {
  databases = await givenDatabases();
  bank = await startBank({ databases, functions: ['register-user', 'sign-in'] });
  admin = new pg.Pool({ connectionString: databases.users.adminUrl, max: 2 });
});
afterAll(() => admin.end());

let people = 0;
let userId: number;
beforeEach(async () => {
  const body = { name: 'Some Body', email: `somebody${++people}@example.com`, password };
  userId = (await bank.request<{ id: number }>('POST', '/users', { body })).body.id;
});
const signIn = async (userAgent = 'curl/8.14.1') => {
  const headers = { 'x-forwarded-for': `198.51.100.${people}`, 'user-agent': userAgent };
  const body = { email: `somebody${people}@example.com`, password };
  return (await bank.request<Session>('POST', '/sessions', { body, headers })).body;
};
const list = async (token: string, query = '') =>
  (await bank.request<SignedInSession[]>('GET', `/sessions${query}`, { token })).body;
const ended = async () => (await bank.request<EndedSessions>('GET', '/.well-known/ended-sessions.json')).body.sessions;
const notFound = { status: 404, body: { code: 'session_not_found' } };

test('one’s open sessions are listed, last seen first, with device, address and which one asks', async () => {
  const laptop = await signIn('Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0');
  const phone = await signIn(
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1',
  );
  const gone = await signIn();
  await bank.request('DELETE', `/sessions/${gone.session_id}`, { token: gone.access_token });
  const network = `198.51.100.${people}`;
  expect(await list(laptop.access_token)).toEqual([
    expect.objectContaining({
      id: phone.session_id,
      device: 'Safari on an iPhone',
      network,
      current: false,
      kind: 'api',
    }),
    expect.objectContaining({ id: laptop.session_id, device: 'Firefox on Linux', network, current: true }),
  ]);
});

test('somebody else’s are neither seen nor ended, except by a teller', async () => {
  const { session_id, access_token } = await signIn();
  const mallory = await bank.tokenFor({ userId: userId + 1_000 });
  expect(await list(mallory, `?user_id=${userId}`)).toEqual([]);
  expect(await bank.request('DELETE', `/sessions/${session_id}`, { token: mallory })).toMatchObject(notFound);

  const teller = await bank.tellerToken();
  expect((await list(teller, `?user_id=${userId}`)).map(({ id }) => id)).toEqual([session_id]);
  expect(await bank.request('DELETE', `/sessions/${session_id}`, { token: teller })).toMatchObject({ status: 204 });
  expect(await bank.request('DELETE', `/sessions/${session_id}`, { token: teller })).toMatchObject(notFound);
  expect(await list(access_token)).toEqual([]);
  const { rows } = await admin.query<object>(
    `SELECT act, actor_id::int, details FROM audit_entry WHERE subject = $1 ORDER BY id DESC LIMIT 1`,
    [`users/${userId}`],
  );
  const details = { ended: session_id, why: 'ended_by_teller' };
  expect(rows).toEqual([{ act: 'session.ended', actor_id: 900, details }]);
});

test('a teller whose own session ended ends nobody’s, at once', async () => {
  const { session_id } = await signIn();
  const own = randomUUID();
  await bank.tellerToken();
  const token = await bank.tokenFor({ userId: 900, role: 'teller', sessionId: own });
  await admin.query(`UPDATE session SET ended_at = now(), ended_reason = 'signed_out' WHERE id = $1`, [own]);
  const refused = { status: 401, body: { code: 'session_ended' } };
  expect(await bank.request('DELETE', `/sessions/${session_id}`, { token })).toMatchObject(refused);
  expect(await ended()).not.toContain(session_id);
});

test('what ended is in the list that functions ask for, which caches keep a second at most, and renews nothing', async () => {
  const [one, other, third] = [await signIn(), await signIn(), await signIn()];
  await bank.request('DELETE', `/sessions/${one.session_id}`, { token: other.access_token });
  expect(await ended()).toEqual(expect.arrayContaining([one.session_id]));
  expect(await ended()).not.toEqual(expect.arrayContaining([other.session_id]));

  const everywhere = await bank.request('DELETE', '/sessions', { token: other.access_token });
  expect([everywhere.status, everywhere.headers.getSetCookie().length]).toEqual([204, 2]);
  expect(await ended()).toEqual(expect.arrayContaining([one, other, third].map(({ session_id }) => session_id)));
  for (const { session_id, renewal_secret } of [one, other, third]) {
    const renewal = await bank.request('POST', '/sessions/renewal', { body: { session_id, renewal_secret } });
    expect(renewal).toMatchObject({ status: 401, body: { code: 'session_ended' } });
  }
  const { headers } = await bank.request('GET', '/.well-known/ended-sessions.json');
  expect(headers.get('cache-control')).toBe('public, max-age=1');
});

test('what ended long ago is in no list, and its row goes when others sign in', async () => {
  const old = (await signIn()).session_id;
  await admin.query(
    `UPDATE session SET ended_at = now() - interval '18 minutes', ended_reason = 'signed_out' WHERE id = $1`,
    [old],
  );
  expect(await ended()).not.toContain(old);
  await admin.query(
    `UPDATE session SET expires_at = now() - interval '25 hours', ends_at = now() - interval '25 hours' WHERE id = $1`,
    [old],
  );
  await signIn();
  expect((await admin.query('SELECT 1 FROM session WHERE id = $1', [old])).rows).toEqual([]);
});

test('a person has a hundred sessions at most: of more, the oldest end', async () => {
  const first = await signIn();
  await admin.query(
    `INSERT INTO session (user_id, kind, device, network, created_at, last_seen_at, expires_at, ends_at, renewal_number,
       renewal_hash, renewed_at)
     SELECT user_id, kind, device, network, now(), now(), expires_at, ends_at, 0, renewal_hash, now()
     FROM session, generate_series(1, $2::int) WHERE id = $1`,
    [first.session_id, sessionsMax - 1],
  );
  expect(await list(first.access_token)).toHaveLength(sessionsMax);
  const last = await signIn();
  expect((await list(last.access_token)).map(({ id }) => id)).not.toContain(first.session_id);
  expect(await list(last.access_token)).toHaveLength(sessionsMax);
  expect(await ended()).toContain(first.session_id);
});

test('nobody is signed in by a password that was changed while it was checked', async () => {
  const { rows } = await admin.query<{ password_hash: string }>('SELECT password_hash FROM bank_user WHERE id = $1', [
    userId,
  ]);
  const client = await admin.connect();
  await client.query('BEGIN');
  await client.query('SELECT FROM bank_user WHERE id = $1 FOR UPDATE', [userId]);
  const signingIn = bank.request('POST', '/sessions', { body: { email: `somebody${people}@example.com`, password } });
  await waitUntilBlocked();
  await client.query('UPDATE bank_user SET password_hash = $2 WHERE id = $1', [
    userId,
    rows[0]!.password_hash.replace(/.{4}$/, 'AAAA'),
  ]);
  await client.query('COMMIT');
  client.release();
  expect(await signingIn).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
});

async function waitUntilBlocked(): Promise<void> {
  for (;;) {
    const { rows } = await admin.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if ((rows[0]?.waiting ?? 0) > 0) return;
  }
}
