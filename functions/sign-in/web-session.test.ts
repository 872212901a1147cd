// A browser's session from signing in to its end, on real users, with a clock that the tests move.
import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBank, type Answer, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { emailInNetworkLimit } from './attempts.ts';
import type { CurrentSession, WebSession } from './contract.ts';

const password = 'four unrelated words do';
const ownPage = { 'x-requested-with': 'microbank-web', 'sec-fetch-site': 'same-origin' };
const cleared = [
  'microbank_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0',
  'microbank_renewal=; HttpOnly; SameSite=Strict; Path=/api/web-sessions; Max-Age=0',
];
const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

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
const renew = (cookie: string, body: object = {}) =>
  bank.request<WebSession & Problem>('POST', '/web-sessions/current/renewal', {
    body,
    headers: { ...ownPage, cookie },
  });
const signOut = (cookie: string) =>
  bank.request('DELETE', '/web-sessions/current', { headers: { ...ownPage, cookie } });

/** What the browser keeps of the answer, as it sends it again: the token and, where it asks about sessions, the renewal secret. */
function cookiesOf({ headers }: Answer<unknown>): { token: string; renewal: string; both: string } {
  const all = headers.getSetCookie().map((cookie) => cookie.split(';')[0]!);
  const cookies = all.filter((cookie) => !cookie.includes('microbank_device='));
  expect(cookies).toHaveLength(2);
  return { token: cookies[0]!, renewal: cookies[1]!, both: cookies.join('; ') };
}
const cookieOf = (answer: Answer<unknown>) => cookiesOf(answer).both;
const tokenIn = (cookie: string) => /session=([^;]*)/.exec(cookie)![1]!;

describe('signing in', () => {
  test.each([
    [
      'http',
      {},
      [
        /^microbank_session=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/; Max-Age=900$/,
        /^microbank_renewal=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/api\/web-sessions; Max-Age=3600$/,
        /^microbank_device=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/api\/web-sessions; Max-Age=15552000$/,
      ],
    ],
    [
      'https',
      { 'x-forwarded-proto': 'https' },
      [
        /^__Host-microbank_session=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/; Max-Age=900; Secure$/,
        /^__Secure-microbank_renewal=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/api\/web-sessions; Max-Age=3600; Secure$/,
        /^__Secure-microbank_device=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/api\/web-sessions; Max-Age=15552000; Secure$/,
      ],
    ],
  ])(
    'sets cookies for %s: token and renewal secret are nowhere else',
    async (_scheme, forwarded: Headers, expected) => {
      const user = await givenUser();
      const answer = await signIn(user.email, forwarded);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
      expect(answer.headers.getSetCookie()).toEqual(
        expected.map((pattern) => expect.stringMatching(pattern) as string),
      );
      const signedInAt = clock.getTime();
      const session = {
        user,
        session_id: expect.any(String) as string,
        renew_by: time(Math.floor((signedInAt + 15 * minutes) / seconds) * seconds),
        expires_at: time(signedInAt + hours),
        ends_at: time(signedInAt + 12 * hours),
      };
      expect(answer.body).toEqual(session);
      const { token } = cookiesOf(answer);
      expect(decodeJwt(tokenIn(token))['sid']).toBe(answer.body.session_id);

      expect(await current({ ...forwarded, cookie: token })).toMatchObject({ status: 200, body: { session } });
      const self = await bank.request('GET', `/users/${user.id}`, { headers: { ...forwarded, cookie: token } });
      expect(self).toMatchObject({ status: 200, body: user });
    },
  );

  test('is limited and refused together with signing in for a token', async () => {
    const { email } = await givenUser();
    for (let i = 0; i < emailInNetworkLimit.free; i++) {
      const wrong = await signIn(email, {}, 'four unrelated words did');
      expect([wrong.status, wrong.body.code, wrong.headers.getSetCookie()]).toEqual([401, 'invalid_credentials', []]);
    }
    expect(await signIn(email)).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
    const headers = { 'x-forwarded-for': `198.51.100.${people}` };
    const forToken = await bank.request('POST', '/sessions', { body: { email, password }, headers });
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
  const headers = { cookie: signedIn.cookie };
  const byToken = await bank.request(method, path, { body, token: tokenIn(signedIn.cookie), headers });
  const cookies = byToken.headers.getSetCookie().filter((text) => !text.startsWith('microbank_device='));
  expect([byToken.status < 300, cookies.length]).toEqual([true, 2]);
});

describe('the current session', () => {
  test('is null for nobody and for a dead cookie, which no cache keeps and which signs nobody out', async () => {
    const expired = await bank.tokenFor({ userId: 1, expiresIn: -60 });
    for (const token of [undefined, 'garbage', expired]) {
      const answer = await current(token === undefined ? {} : { cookie: `microbank_session=${token}` });
      expect([answer.status, answer.body]).toEqual([200, { session: null, is_renewable: false }]);
      expect([answer.headers.get('cache-control'), answer.headers.getSetCookie()]).toEqual(['no-store', []]);
    }
  });

  test('is shown to a bearer token as well, and to no token of a session that is none', async () => {
    const user = await givenUser();
    const sessionId = randomUUID();
    const token = await bank.tokenFor({ userId: user.id, sessionId });
    const shown = await current({ authorization: `Bearer ${token}` });
    expect(shown.body.session).toMatchObject({
      user,
      session_id: sessionId,
      renew_by: time(decodeJwt(token).exp! * seconds),
    });
    const other = await bank.tokenFor({ userId: user.id + 1_000, sessionId: randomUUID() });
    expect((await current({ authorization: `Bearer ${other}` })).body.session).toBeNull();
  });

  test('is null but renewable once only the renewal secret is left, as after a night on the shelf', async () => {
    const { email } = await givenUser();
    const { renewal } = cookiesOf(await signIn(email));
    expect((await current({ cookie: renewal })).body).toEqual({ session: null, is_renewable: true });
    for (const cookie of [`${renewal.slice(0, -3)}AAA`, 'microbank_renewal=garbage', `${renewal}; ${renewal}`]) {
      expect((await current({ cookie })).body).toEqual({ session: null, is_renewable: false });
    }
    const renewed = await renew(renewal);
    expect(renewed.status).toBe(200);
    expect((await current({ cookie: cookiesOf(renewed).token })).body.session).toEqual(renewed.body);
  });

  test('is over once its user is removed: the cookies are cleared and renew nothing', async () => {
    const { id, email } = await givenUser();
    const cookie = cookieOf(await signIn(email));
    expect(await bank.request('DELETE', `/users/${id}`, { headers: { ...ownPage, cookie } })).toMatchObject({
      status: 204,
    });

    const refused = await renew(cookie);
    expect([refused.status, refused.body.code, refused.headers.getSetCookie()]).toEqual([401, 'session_ended', []]);
  });
});

test('a session is renewed by who is there, for an hour at a time until 12 hours after signing in, and never beyond', async () => {
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
    const expires = Math.min(clock.getTime() + hours, Date.parse(ends_at));
    expect(renewed.body.expires_at).toBe(time(expires));
    const tokenExpires = Math.floor(Math.min(clock.getTime() + 15 * minutes, expires) / seconds);
    expect([payload['auth_time'], payload.exp]).toEqual([authTime, tokenExpires]);
    expect(renewed.body.renew_by).toBe(time(tokenExpires * seconds));
    const [token, renewal] = renewed.headers.getSetCookie();
    expect(token).toContain(`; Max-Age=${tokenExpires - Math.floor(clock.getTime() / seconds)}`);
    expect(renewal).toContain(`; Max-Age=${Math.floor((expires - clock.getTime()) / seconds)}`);
  }

  // Tokens are taken a little longer than they say, for clocks that differ; sessions are not.
  clock = new Date(ends_at);
  expect(await renew(cookie)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
  const over = await current({ cookie });
  expect([over.body.session, over.headers.getSetCookie()]).toEqual([null, cleared]);
  const secure = cookie.split('; ').map((pair, i) => (i === 0 ? '__Host-' : '__Secure-') + pair);
  const overSecurely = await current({ cookie: secure.join('; '), 'x-forwarded-proto': 'https' });
  expect(overSecurely.headers.getSetCookie()).toEqual([
    `__Host-${cleared[0]}; Secure`,
    `__Secure-${cleared[1]}; Secure`,
  ]);
  clock = new Date(Date.parse(ends_at) + 31 * seconds);
  expect(await renew(cookie)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
  expect(await bank.request('GET', '/users', { headers: { cookie } })).toMatchObject({ status: 401 });
  expect(await signIn(email, { cookie })).toMatchObject({ status: 201 });
  clock = began;
});

test('a page that renews by itself keeps the token alive, and the session no longer than its user was there', async () => {
  const { email } = await givenUser();
  const first = await signIn(email);
  const began = clock;
  let cookie = cookieOf(first);
  for (const after of [14, 28, 42, 56]) {
    clock = new Date(began.getTime() + after * minutes);
    const renewed = await renew(cookie, { is_active: false });
    expect([after, renewed.status, renewed.body.expires_at]).toEqual([after, 200, first.body.expires_at]);
    cookie = cookieOf(renewed);
  }
  // The last token does not outlive the session either.
  expect(decodeJwt(tokenIn(cookie)).exp).toBe(Math.floor(Date.parse(first.body.expires_at) / seconds));
  clock = new Date(began.getTime() + hours);
  expect(await renew(cookie)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
  clock = began;
});

test('signing out clears the cookies of whoever asks, signed in or not, and ends the session', async () => {
  const { email } = await givenUser();
  const [one, other] = [cookiesOf(await signIn(email)), cookiesOf(await signIn(email))];
  // By the token, by the renewal secret alone where the token is over, and by nothing.
  for (const cookie of [one.token, other.renewal, 'microbank_session=dead', 'microbank_renewal=dead', 'a=b']) {
    const answer = await signOut(cookie);
    expect([answer.status, answer.body, answer.headers.getSetCookie()]).toEqual([204, undefined, cleared]);
  }
  for (const { renewal } of [one, other]) {
    expect(await renew(renewal)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    expect((await current({ cookie: renewal })).body).toEqual({ session: null, is_renewable: false });
  }
});

function time(ms: number): string {
  return new Date(ms).toISOString();
}
