// Whom a transfer goes to, over HTTP, with the functions of both contexts.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseAddresses } from '../../platform/local/databases.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { Payee } from './contract.ts';

type Problem = { code: string; detail: string; trace_id: string };

let databases: DatabaseAddresses;
let bank: TestBank;
let teller: string;
let stranger: string;

beforeAll(async () => {
  databases = await givenDatabases();
  const functions = ['register-user', 'remove-user', 'read-users', 'open-account', 'close-account', 'find-payee'];
  bank = await startBank({ databases, functions });
  teller = await bank.tellerToken();
  stranger = await bank.tokenFor({ userId: 901 });
});

async function post(path: string, body: object): Promise<number> {
  const answer = await bank.request<{ id: number }>('POST', path, { token: teller, body });
  expect(answer.status).toBe(201);
  return answer.body.id;
}
async function givenPerson(name = 'Alice Johnson') {
  const email = `Person.${randomUUID()}@Example.com`;
  return { id: await post('/users', { name, email }), email };
}
const open = (user_id: number, account_type: string, currency = 'USD') =>
  post('/accounts', { user_id, account_type, currency });
const close = async (id: number) =>
  expect((await bank.request('DELETE', `/accounts/${id}`, { token: teller })).status).toBe(204);

function find<T = Payee>(email: string, currency = 'USD', token: string | undefined = stranger, at = bank) {
  return at.request<T>('GET', `/payees?${String(new URLSearchParams({ email, currency }))}`, { token });
}

test('a stranger finds the account of an address and a short name, and no more', async () => {
  const { id, email } = await givenPerson();
  const account_id = await open(id, 'checking');
  const { status, headers, body } = await find(email);
  expect([status, body]).toEqual([200, { account_id, name: 'Alice J.', currency: 'USD' }]);
  expect(headers.get('cache-control')).toBe('no-store');
});

test('an address is the same however it is capitalised, and only as a whole', async () => {
  const { id, email } = await givenPerson();
  await open(id, 'checking');
  for (const same of [email.toLowerCase(), email.toUpperCase()]) expect((await find(same)).status).toBe(200);
  for (const other of [`x${email}`, email.slice(1), `${email}.org`, email.replace('.', '_')])
    expect((await find(other)).status).toBe(404);
});

test('the oldest open checking account in the currency comes first, then the oldest open one', async () => {
  const { id, email } = await givenPerson();
  const payeeOf = async (currency = 'USD') => (await find(email, currency)).body.account_id;
  const savings = await open(id, 'savings');
  const business = await open(id, 'business');
  expect(await payeeOf()).toBe(savings);

  const yen = await open(id, 'checking', 'JPY');
  const [first, second] = [await open(id, 'checking'), await open(id, 'checking')];
  expect([await payeeOf(), await payeeOf('JPY')]).toEqual([first, yen]);
  await close(first);
  expect(await payeeOf()).toBe(second);
  await close(second);
  expect(await payeeOf()).toBe(savings);
  await close(savings);
  expect(await payeeOf()).toBe(business);
});

test('nobody, somebody removed, and somebody without such an account are answered alike', async () => {
  const nobody = `nobody.${randomUUID()}@example.com`;
  const removed = await givenPerson();
  const withoutAny = await givenPerson();
  const withYen = await givenPerson();
  const closed = await givenPerson();
  await open(withYen.id, 'checking', 'JPY');
  await close(await open(closed.id, 'checking'));
  await close(await open(removed.id, 'checking'));
  expect((await bank.request('DELETE', `/users/${removed.id}`, { token: teller })).status).toBe(204);

  const answers = await Promise.all(
    [nobody, removed.email, withoutAny.email, withYen.email, closed.email].map((email) => find<Problem>(email)),
  );
  for (const { status, body } of answers) {
    expect([status, { ...body, trace_id: '' }]).toEqual([404, { ...answers[0]!.body, trace_id: '' }]);
  }
  expect(answers[0]!.body).toMatchObject({ code: 'payee_not_found', errors: [{ pointer: '/email' }] });
});

test('says 503 while users cannot be asked, and never that there is nobody', async () => {
  const { id, email } = await givenPerson();
  await open(id, 'checking');
  const alone = await startBank({ databases, functions: ['find-payee'] });
  const answer = await find<Problem>(email, 'USD', await alone.tokenFor({ userId: 901 }), alone);
  expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
});

describe('refuses', () => {
  test.each([
    ['email=alice@example.com', '/currency'],
    ['currency=USD', '/email'],
    ['email=alice&currency=USD', '/email'],
    ['email=a+b@example.com&currency=USD', '/email'],
    ['email=%22@example.com&currency=USD', '/email'],
    ['email=alice@example.com&currency=usd', '/currency'],
    ['email=alice@example.com&currency=XXX', '/currency'],
    ['email=alice@example.com&currency=USD&limit=5', '/limit'],
  ])('?%s and names %s', async (query, pointer) => {
    expect(await bank.request('GET', `/payees?${query}`, { token: stranger })).toMatchObject({
      status: 422,
      body: { code: 'validation_failed', errors: [{ pointer }] },
    });
  });

  test('who is not signed in', async () => {
    expect(await bank.request('GET', '/payees?email=alice@example.com&currency=USD')).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });

  test('to tell a whole name to anybody who asks through the edge', async () => {
    const { email } = await givenPerson();
    const headers = {
      'ce-specversion': '1.0',
      'ce-type': 'com.microbank.payee.requested',
      'ce-source': '/tests',
      'ce-id': randomUUID(),
    };
    const ask = (path: string) => bank.request('POST', path, { token: stranger, headers, body: { email } });
    for (const path of ['/', '/users', '/payees']) {
      const { status, body } = await ask(path);
      expect([path, status >= 400, JSON.stringify(body).includes('Johnson')]).toEqual([path, true, false]);
    }
    const inside = await bank.deliver('POST', '/read-users/', { headers, body: { email: email.toUpperCase() } });
    expect(inside.body).toMatchObject({ data: { name: 'Alice Johnson' } });
  });
});
