import { createRemoteJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DatabaseAddresses } from '../../platform/local/databases.ts';
import { givenIssuer, startBank, startFunctionProcess, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { Issuer } from '../shared/testing/issuer.ts';
import { emailInNetworkLimit, emailLimit } from './attempts.ts';
import type { Session } from './contract.ts';
import { tokenLifetimeSeconds } from './tokens.ts';

const password = 'four unrelated words do';
const functions = ['register-user', 'sign-in', 'read-users', 'remove-user', 'close-account'];
let databases: DatabaseAddresses;
let issuer: Issuer;
let copies: TestBank[];
let clock = new Date();
let teller: string;
let admin: pg.Pool;

beforeAll(async () => {
  databases = await givenDatabases();
  issuer = await givenIssuer();
  const copy = () => startBank({ databases, issuer, functions, now: () => clock });
  copies = [await copy(), await copy()];
  teller = await copies[0]!.tellerToken();
  admin = new pg.Pool({ connectionString: databases.users.adminUrl, max: 2 });
});
afterAll(() => admin.end());

let people = 0;
async function givenUser(more: object = {}): Promise<{ id: number; email: string }> {
  const body = { name: 'Some Body', email: `somebody${++people}@example.com`, password, ...more };
  const answer = await copies[0]!.request<{ id: number; email: string }>('POST', '/users', { token: teller, body });
  expect(answer.status).toBe(201);
  return answer.body;
}

type Problem = { code: string; detail: string };
let addresses = 0;
/** From an address of its own, unless one is given, so that tests don't use up each other's attempts. */
function signIn(body: unknown, { copy = 0, from = `198.51.100.${++addresses}` } = {}) {
  return copies[copy % 2]!.request<Session & Problem>('POST', '/sessions', {
    body,
    headers: { 'x-forwarded-for': from },
  });
}

test('gives a token that verifies against the published keys and opens the bank', async () => {
  const { id, email } = await givenUser();
  const { status, headers, body } = await signIn({ email: ` ${email.toUpperCase()} `, password });
  expect(status).toBe(201);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).toEqual({
    access_token: expect.any(String),
    token_type: 'Bearer',
    expires_in: tokenLifetimeSeconds,
    session_id: expect.stringMatching(/^[\da-f-]{36}$/),
    renewal_secret: expect.stringMatching(/^0\.[\w-]{43}$/),
    ends_at: new Date(clock.getTime() + 12 * 3_600_000).toISOString(),
  });

  const keys = createRemoteJWKSet(new URL(`${copies[1]!.origin}/api/.well-known/jwks.json`));
  const { payload, protectedHeader } = await jwtVerify(body.access_token, keys, {
    issuer: issuer.jwtIssuer,
    audience: issuer.jwtAudience,
    currentDate: clock,
  });
  const issuedAt = Math.floor(clock.getTime() / 1000);
  expect(payload).toEqual({
    iss: issuer.jwtIssuer,
    aud: issuer.jwtAudience,
    sub: String(id),
    role: 'customer',
    iat: issuedAt,
    exp: issuedAt + 900,
    auth_time: issuedAt,
    sid: body.session_id,
    jti: expect.any(String),
  });
  expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: issuer.signingKey.kid });

  const self = await copies[1]!.request('GET', `/users/${id}`, { token: body.access_token });
  expect(self).toMatchObject({ status: 200, body: { id, email } });
});

test('publishes public keys only, for a while', async () => {
  const { status, headers, body } = await copies[0]!.request<JSONWebKeySet>('GET', '/.well-known/jwks.json');
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
  expect(body.keys.map((key) => Object.keys(key).sort())).toEqual([['alg', 'crv', 'kid', 'kty', 'use', 'x']]);
});

test('says the same whatever is wrong: password, address, no password yet, removed', async () => {
  const known = await givenUser();
  const withoutPassword = await givenUser({ password: undefined });
  const removed = await givenUser();
  expect(await copies[0]!.request('DELETE', `/users/${removed.id}`, { token: teller })).toMatchObject({ status: 204 });

  const answers = [
    await signIn({ email: known.email, password: 'four unrelated words did' }),
    await signIn({ email: 'nobody@example.com', password }),
    await signIn({ email: 'not an address', password }),
    await signIn({ email: withoutPassword.email, password }),
    await signIn({ email: removed.email, password }),
  ];
  for (const { status, headers, body } of answers) {
    expect([status, body.code, body.detail]).toEqual([401, 'invalid_credentials', answers[0]?.body.detail]);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  }
});

test('writes refusals down, of whom they were about or of nobody, and what was guessed nowhere', async () => {
  const known = await givenUser();
  await signIn({ email: known.email, password: 'four unrelated words did' });
  await signIn({ email: 'stranger@example.com', password: 'four unrelated words did' });
  const { rows } = await admin.query<object>(
    `SELECT actor_id, actor_role, session_id, subject, details FROM audit_entry WHERE act = 'session.refused' ORDER BY id DESC LIMIT 2`,
  );
  const entry = { actor_id: null, actor_role: 'anonymous', session_id: null, details: {} };
  expect(rows).toEqual([
    { ...entry, subject: 'users/unknown' },
    { ...entry, subject: `users/${known.id}` },
  ]);
});

test('takes as long for an unknown address as for a wrong password', async () => {
  const { email } = await givenUser();
  const fastest = async (address: string): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      await signIn({ email: address, password: 'four unrelated words did' });
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  };
  const [known, unknown] = [await fastest(email), await fastest('unknown@example.com')];
  // Half is far from the noise of a shared machine, and far from skipping the hash.
  expect(unknown).toBeGreaterThan(known / 2);
});

test('lets five wrong passwords of one network through, over two copies at once, and then says how long to wait', async () => {
  const { email } = await givenUser();
  const from = `198.51.100.${++addresses}`;
  const guesses = await Promise.all(
    Array.from({ length: 30 }, (_, i) => signIn({ email, password: `wrong ${i}` }, { copy: i, from })),
  );
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(emailInNetworkLimit.free);
  const refused = guesses.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(25);
  for (const { headers, body } of refused) {
    expect(body.code).toBe('too_many_attempts');
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(headers.get('retry-after')).toBe('30');
    expect(headers.get('ratelimit')).toBe('"sign-in";r=0;t=30');
    expect(headers.get('ratelimit-policy')).toBe('"sign-in";q=5;w=2592000');
  }

  expect(await signIn({ email, password }, { copy: 1, from })).toMatchObject({ status: 429 });
  const before = clock;
  clock = new Date(clock.getTime() + 30_000);
  expect(await signIn({ email, password }, { from })).toMatchObject({ status: 201 });
  clock = before;
});

test('guesses from everywhere do not lock out who signs in from where they did before', async () => {
  const { email } = await givenUser();
  expect(await signIn({ email, password }, { from: '203.0.113.5' })).toMatchObject({ status: 201 });
  const guesses = await Promise.all(
    Array.from({ length: 30 }, (_, i) => signIn({ email, password: `wrong ${i}` }, { copy: i })),
  );
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(emailLimit.free);
  expect(await signIn({ email, password })).toMatchObject({ status: 429 });
  expect(await signIn({ email, password }, { from: '203.0.113.5' })).toMatchObject({ status: 201 });
});

test('limits unknown addresses in the same way, so the limit tells nothing either', async () => {
  const guesses = await Promise.all(
    Array.from({ length: 12 }, (_, i) => signIn({ email: 'ghost@example.com', password }, { copy: i })),
  );
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(emailLimit.free);
  expect(guesses.filter(({ status }) => status === 429)).toHaveLength(2);
});

test('forgets wrong passwords after the right one', async () => {
  const { email } = await givenUser();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 9; i++)
      expect(await signIn({ email, password: 'wrong' }, { copy: i })).toMatchObject({ status: 401 });
    expect(await signIn({ email, password })).toMatchObject({ status: 201 });
  }
});

test('replaces a hash of other costs at the next sign-in', async () => {
  const { id, email } = await givenUser();
  // "password" as the reference implementation hashes it with 64 MiB.
  const outdated = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  await admin.query('UPDATE bank_user SET password_hash = $2 WHERE id = $1', [id, outdated]);
  expect(await signIn({ email, password: 'password' })).toMatchObject({ status: 201 });

  const { rows } = await admin.query<{ password_hash: string }>('SELECT password_hash FROM bank_user WHERE id = $1', [
    id,
  ]);
  expect(rows[0]?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await signIn({ email, password: 'password' })).toMatchObject({ status: 201 });

  await admin.query('UPDATE bank_user SET password_hash = $2 WHERE id = $1', [id, outdated]);
  const atOnce = await Promise.all([0, 1].map((copy) => signIn({ email, password: 'password' }, { copy })));
  expect(atOnce.map(({ status }) => status)).toEqual([201, 201]);
});

test.each<[object, string]>([
  [{ email: 'alice@example.com' }, '/password'],
  [{ password }, '/email'],
  [{ email: 'alice@example.com', password: '' }, '/password'],
  [{ email: 'alice@example.com', password: 'x'.repeat(1025) }, '/password'],
  [{ email: 'alice\n@example.com', password }, '/email'],
  [{ email: { $ne: '' }, password }, '/email'],
  [{ email: 'alice@example.com', password, remember: true }, '/remember'],
])('refuses %j', async (body, pointer) => {
  expect(await signIn(body)).toMatchObject({ status: 422, body: { code: 'validation_failed', errors: [{ pointer }] } });
});

test('leaves no password, email or token in any log line or attempt', async () => {
  const { email } = await givenUser();
  const env = {
    DATABASE_URL: databases.users.url,
    SIGNING_KEY: JSON.stringify(issuer.signingKey),
    FUNCTION_URL: `${copies[0]!.origin}/{function}`,
    LOG_LEVEL: 'trace',
  };
  const signer = await startFunctionProcess('sign-in', env, { issuer });
  const registrar = await startFunctionProcess('register-user', env, { issuer });
  const secret = 'never write this down';

  const session = await signer.request<Session>('POST', '/sessions', { body: { email, password } });
  expect(session.status).toBe(201);
  await signer.request('POST', '/sessions', { body: { email, password: secret } });
  await signer.request('POST', '/sessions', { body: { email, password: secret, more: secret } });
  await signer.request('POST', '/sessions', { body: `{"email":"${email}","password":"${secret}"` });
  await registrar.request('POST', '/users', { body: { name: 'Quiet', email: 'quiet@example.com', password: secret } });
  await registrar.request('POST', '/users', { body: { name: 'Quiet', email: 'quiet@example.com', password: secret } });
  await Promise.all([signer.kill('SIGTERM'), registrar.kill('SIGTERM')]);

  const lines = [...signer.lines, ...registrar.lines].join('\n');
  expect(lines).toContain('listening');
  for (const text of [secret, password, email, 'quiet@example.com', session.body.access_token])
    expect(lines).not.toContain(text);

  const { rows } = await admin.query('SELECT a::text FROM attempt a');
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toMatch(/@|127\.0|198\.51/);
});

test('does not start without a key that it can sign with', async () => {
  const env = { DATABASE_URL: databases.users.url };
  await expect(startFunctionProcess('sign-in', env, { issuer })).rejects.toThrow('SIGNING_KEY is missing');
  const rsa = JSON.stringify({ kty: 'RSA', kid: 'old', n: 'AQAB', e: 'AQAB', d: 'AQAB' });
  await expect(startFunctionProcess('sign-in', { ...env, SIGNING_KEY: rsa }, { issuer })).rejects.toThrow(
    'SIGNING_KEY',
  );
});
