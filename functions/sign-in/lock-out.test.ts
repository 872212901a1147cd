// Somebody guesses at an account so often that nobody may sign in to it; its owner does, from their own browser, meanwhile.
import { beforeAll, expect, test } from 'vitest';
import { ownPageHeader } from '../shared/contract/headers.ts';
import { givenIssuer, startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { deviceLimit } from './attempts.ts';

const password = 'four unrelated words do';
let copies: TestBank[];
let teller: string;
let clock = new Date();

beforeAll(async () => {
  const [databases, issuer] = [await givenDatabases(), await givenIssuer()];
  const functions = ['register-user', 'sign-in'];
  const copy = () => startBank({ databases, issuer, functions, now: () => clock });
  copies = [await copy(), await copy()];
  teller = await issuer.tokenFor({ userId: 900, role: 'teller' });
});

let people = 0;
async function givenUser(): Promise<string> {
  const email = `somebody${++people}@example.com`;
  const answer = await copies[0]!.request('POST', '/users', {
    token: teller,
    body: { name: 'Some Body', email, password },
  });
  expect(answer.status).toBe(201);
  return email;
}

type From = { address: string; cookie?: string };
let asked = 0;
function signIn(email: string, { address, cookie }: From, secret = password) {
  return copies[++asked % 2]!.request<{ code?: string }>('POST', '/web-sessions', {
    body: { email, password: secret },
    headers: {
      [ownPageHeader.name]: ownPageHeader.value,
      'x-forwarded-for': address,
      ...(cookie !== undefined && { cookie }),
    },
  });
}
/** Signs in and gives what this browser is known by from then on. */
async function deviceOf(email: string, from: From): Promise<string> {
  const answer = await signIn(email, from);
  expect(answer.status).toBe(201);
  return answer.headers
    .getSetCookie()
    .find((cookie) => cookie.startsWith('microbank_device='))!
    .split(';')[0]!;
}
async function attack(email: string, times: number, from?: From): Promise<number[]> {
  const guesses = Array.from({ length: times }, (_, i) =>
    signIn(email, from ?? { address: `203.0.113.${i}` }, `guess number ${i}`),
  );
  return (await Promise.all(guesses)).map(({ status }) => status);
}

test('the victim of a lock-out attack signs in from their known device while it goes on', async () => {
  const email = await givenUser();
  const cookie = await deviceOf(email, { address: '192.0.2.1' });
  const before = clock;
  for (let round = 0; round < 5; round++) {
    clock = new Date(clock.getTime() + 3_600_000);
    const [statuses, own] = await Promise.all([
      attack(email, 30),
      // On the way, in another network each day.
      signIn(email, { address: `198.51.100.${round}`, cookie }),
    ]);
    expect(statuses).toContain(429);
    expect(own.status).toBe(201);
  }
  expect((await signIn(email, { address: '198.51.100.77' })).status, 'a browser that nobody knows').toBe(429);
  clock = before;
});

test('also from the attacker’s own network', async () => {
  const email = await givenUser();
  const here = { address: '192.0.2.44' };
  const cookie = await deviceOf(email, here);
  expect(await attack(email, 30, here)).toContain(429);
  expect((await signIn(email, here)).status).toBe(429);
  expect((await signIn(email, { ...here, cookie })).status).toBe(201);
});

test('who has the browser guesses by its own counter, and nobody else has less for it', async () => {
  const email = await givenUser();
  const here = { address: '192.0.2.45' };
  const cookie = await deviceOf(email, here);
  const statuses = await attack(email, 30, { ...here, cookie });
  expect(statuses.filter((status) => status === 401)).toHaveLength(deviceLimit.free);
  expect((await signIn(email, { ...here, cookie })).status).toBe(429);
  expect((await signIn(email, { address: '192.0.2.46' })).status).toBe(201);
});

test('a browser is known for its people only, and a cookie that somebody made is nothing', async () => {
  const [alice, bob] = [await givenUser(), await givenUser()];
  const here = { address: '192.0.2.47' };
  const cookie = await deviceOf(alice, here);
  const forged = cookie.replace(/\.[^.]*$/, `.${'A'.repeat(24)}`);
  expect(await attack(bob, 30)).toContain(429);
  expect(await attack(alice, 30)).toContain(429);
  expect((await signIn(bob, { address: '198.51.100.90', cookie })).status).toBe(429);
  expect((await signIn(alice, { address: '198.51.100.90', cookie: forged })).status).toBe(429);
  expect((await signIn(alice, { address: '198.51.100.90', cookie })).status).toBe(201);
});

test('an attack on the password of before does not outlive it', async () => {
  const email = await givenUser();
  expect(await attack(email, 30)).toContain(429);
  const { users } = copies[0]!.environment;
  const other = await users.db
    .selectFrom('bank_user')
    .select('password_hash')
    .where('email', '!=', email)
    .executeTakeFirst();
  await users.db
    .updateTable('bank_user')
    .set({ password_hash: other!.password_hash })
    .where('email', '=', email)
    .execute();
  expect((await signIn(email, { address: '198.51.100.91' })).status).toBe(201);
});
