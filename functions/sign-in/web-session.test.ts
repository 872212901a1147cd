// A browser's session from signing in to its end, on real users, with a clock that the tests move.
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBank, type Answer, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { failuresMax } from './attempts.ts';
import type { CurrentSession, WebSession } from './contract.ts';

const password = 'four unrelated words do';
const ownPage = { 'x-requested-with': 'microbank-web', 'sec-fetch-site': 'same-origin' };
const cleared = 'microbank_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0';
const seconds = 1_000;
const hours = 3_600 * seconds;

let bank: TestBank;
let clock = new Date();
let teller: string;
beforeAll(async () => {
  const functions = ['register-user', 'sign-in', 'read-users', 'remove-user', 'open-account', 'close-account'];
  bank = await startBank({ databases: await givenDatabases(), functions, now: () => clock });
  teller = await bank.tokenFor({ userId: 900, role: 'teller', expiresIn: 100_000 });
});

type Headers = Record<string, string>;
type Problem = { code: string };
let people = 0;
async function givenUser() {
  const body = { name: 'Some Body', email: `somebody${++people}@example.com`, password };
  return (await bank.request<WebSession['user']>('POST', '/users', { token: teller, body })).body;
}

/** From an address of its own, so that tests don't use up each other's attempts. */
const signIn = (email: string, headers: Headers = {}, secret = password) =>
  bank.request<WebSession & Problem>('POST', '/web-sessions', {
    body: { email, password: secret },
    headers: { ...ownPage, 'x-forwarded-for': `198.51.100.${people}`, ...headers },
  });
const from = (site: string): Headers => ({ ...ownPage, 'sec-fetch-site': site });
const current = (headers: Headers) => bank.request<CurrentSession>('GET', '/web-sessions/current', { headers });
const renew = (cookie: string) =>
  bank.request<WebSession & Problem>('POST', '/web-sessions/current/renewal', { headers: { ...ownPage, cookie } });

/** What the browser keeps of the answer, as it sends it again. */
function cookieOf({ headers }: Answer<unknown>): string {
  const cookies = headers.getSetCookie();
  expect(cookies).toHaveLength(1);
  return cookies[0]!.split(';')[0]!;
}
const tokenIn = (cookie: string) => cookie.slice(cookie.indexOf('=') + 1);

describe('signing in', () => {
  test.each([
    ['http', {}, /^microbank_session=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/; Max-Age=3600$/],
    [
      'https',
      { 'x-forwarded-proto': 'https' },
      /^__Host-microbank_session=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/; Max-Age=3600; Secure$/,
    ],
  ])('sets a cookie for %s with the token, which is nowhere else', async (_scheme, forwarded: Headers, expected) => {
    const user = await givenUser();
    const answer = await signIn(user.email, forwarded);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(expected)]);
    const signedInAt = Math.floor(clock.getTime() / seconds) * seconds;
    const session = { user, expires_at: time(signedInAt + hours), ends_at: time(signedInAt + 12 * hours) };
    expect(answer.body).toEqual(session);

    const cookie = cookieOf(answer);
    expect(await current({ ...forwarded, cookie })).toMatchObject({ status: 200, body: { session } });
    const self = await bank.request('GET', `/users/${user.id}`, { headers: { ...forwarded, cookie } });
    expect(self).toMatchObject({ status: 200, body: user });
  });

  test('is limited and refused together with signing in for a token', async () => {
    const { email } = await givenUser();
    for (let i = 0; i < failuresMax.email; i++) {
      const wrong = await signIn(email, {}, 'four unrelated words did');
      expect([wrong.status, wrong.body.code, wrong.headers.getSetCookie()]).toEqual([401, 'invalid_credentials', []]);
    }
    expect(await signIn(email)).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
    const forToken = await bank.request('POST', '/sessions', { body: { email, password } });
    expect(forToken).toMatchObject({ status: 429 });
  });

  test.each(['garbage', 'a'.repeat(5_000), 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'])(
    'does not mind an old cookie: %.10s',
    async (token) => {
      const { email } = await givenUser();
      expect(await signIn(email, { cookie: `microbank_session=${token}` })).toMatchObject({ status: 201 });
    },
  );

  test('lets a customer open an account, for which functions ask each other in their name', async () => {
    const { id, email } = await givenUser();
    const cookie = cookieOf(await signIn(email));
    const body = { user_id: id, account_type: 'checking' };
    const opened = await bank.request('POST', '/accounts', { body, headers: { ...ownPage, cookie } });
    expect(opened).toMatchObject({ status: 201, body: { user_id: id } });
  });
});

test.each([
  ['POST', '/web-sessions'],
  ['POST', '/web-sessions/current/renewal'],
  ['DELETE', '/web-sessions/current'],
])('%s %s is refused to pages of others, signed in, with a dead cookie or with none', async (method, path) => {
  const { email } = await givenUser();
  const signedIn = { cookie: cookieOf(await signIn(email)) };
  const others = [{}, { 'sec-fetch-site': 'same-origin' }, from('same-site'), from('cross-site')];
  const body = path === '/web-sessions' ? { email, password } : undefined;
  const dead = { cookie: 'microbank_session=dead' };
  for (const headers of others.flatMap((other) => [other, { ...other, ...dead }, { ...other, ...signedIn }])) {
    const answer = await bank.request<Problem>(method, path, { body, headers });
    expect([answer.status, answer.body.code, answer.headers.getSetCookie()]).toEqual([403, 'csrf_refused', []]);
  }
  const byToken = await bank.request(method, path, { body, token: tokenIn(signedIn.cookie) });
  expect([byToken.status < 300, byToken.headers.getSetCookie().length]).toEqual([true, 1]);
});

describe('the current session', () => {
  test('is null for nobody and for a dead cookie, which no cache keeps and which signs nobody out', async () => {
    const expired = await bank.tokenFor({ userId: 1, expiresIn: -60 });
    for (const token of [undefined, 'garbage', expired]) {
      const answer = await current(token === undefined ? {} : { cookie: `microbank_session=${token}` });
      expect([answer.status, answer.body]).toEqual([200, { session: null }]);
      expect([answer.headers.get('cache-control'), answer.headers.getSetCookie()]).toEqual(['no-store', []]);
    }
  });

  test('is shown to a bearer token as well, and without auth_time counts from when it was issued', async () => {
    const user = await givenUser();
    const token = await bank.tokenFor({ userId: user.id });
    const { iat = 0, exp = 0 } = decodeJwt(token);
    const session = { user, expires_at: time(exp * seconds), ends_at: time(iat * seconds + 12 * hours) };
    expect((await current({ authorization: `Bearer ${token}` })).body).toEqual({ session });
  });

  test('is over once its user is removed: the cookie is cleared and not renewed', async () => {
    const { id, email } = await givenUser();
    const cookie = cookieOf(await signIn(email));
    expect(await bank.request('DELETE', `/users/${id}`, { headers: { ...ownPage, cookie } })).toMatchObject({
      status: 204,
    });

    const refused = await renew(cookie);
    expect([refused.status, refused.body.code, refused.headers.getSetCookie()]).toEqual([401, 'session_ended', []]);
    const answer = await current({ cookie });
    expect([answer.body, answer.headers.getSetCookie()]).toEqual([{ session: null }, [cleared]]);
    const secure = { cookie: `__Host-${cookie}`, 'x-forwarded-proto': 'https' };
    expect((await current(secure)).headers.getSetCookie()).toEqual([`__Host-${cleared}; Secure`]);
  });
});

test('a session is renewed for an hour at a time until 12 hours after signing in, and never beyond', async () => {
  const { email } = await givenUser();
  const first = await signIn(email);
  const began = clock;
  const { ends_at } = first.body;
  const authTime = decodeJwt(tokenIn(cookieOf(first)))['auth_time'];

  let cookie = cookieOf(first);
  for (const after of [0.5, 1.4, 2.3, 3.2, 4.1, 5, 5.9, 6.8, 7.7, 8.6, 9.5, 10.4, 11.3, 11.9]) {
    clock = new Date(began.getTime() + after * hours);
    const renewed = await renew(cookie);
    expect([after, renewed.status, renewed.body.ends_at]).toEqual([after, 200, ends_at]);
    cookie = cookieOf(renewed);
    const payload = decodeJwt(tokenIn(cookie));
    const expires = Math.min(Math.floor(clock.getTime() / seconds) * seconds + hours, Date.parse(ends_at));
    expect(renewed.body.expires_at).toBe(time(expires));
    expect([payload['auth_time'], payload.exp]).toEqual([authTime, expires / seconds]);
    const maxAge = (payload.exp ?? 0) - Math.floor(clock.getTime() / seconds);
    expect(renewed.headers.getSetCookie()[0]).toContain(`; Max-Age=${maxAge}`);
  }

  // Tokens are taken a little longer than they say, for clocks that differ; sessions are not.
  clock = new Date(ends_at);
  expect(await renew(cookie)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
  const over = await current({ cookie });
  expect([over.body, over.headers.getSetCookie()]).toEqual([{ session: null }, [cleared]]);
  clock = new Date(Date.parse(ends_at) + 31 * seconds);
  expect(await renew(cookie)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  expect(await bank.request('GET', '/users', { headers: { cookie } })).toMatchObject({ status: 401 });
  expect(await signIn(email, { cookie })).toMatchObject({ status: 201 });
  clock = began;
});

test('signing out clears the cookie of whoever asks, signed in or not', async () => {
  const { email } = await givenUser();
  const cookies = [cookieOf(await signIn(email)), 'microbank_session=dead', 'a=b'];
  for (const cookie of cookies) {
    const answer = await bank.request('DELETE', '/web-sessions/current', { headers: { ...ownPage, cookie } });
    expect([answer.status, answer.body, answer.headers.getSetCookie()]).toEqual([204, undefined, [cleared]]);
  }
});

function time(ms: number): string {
  return new Date(ms).toISOString();
}
