import { beforeAll, describe, expect, test } from 'vitest';
import type { User } from '../shared/contract/user.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

let bank: TestBank;
let teller: string;
let users: User[];

beforeAll(async () => {
  bank = await startBank({ databases: await givenDatabases(), functions: ['register-user', 'read-users'] });
  teller = await bank.tokenFor({ userId: 900, role: 'teller' });
  users = [];
  for (const name of ['Alice Johnson', 'Bob 100% Sure', 'Carol_Under Score', 'Dave Johnson', 'Élodie Durand']) {
    const email = `${name
      .split(' ')[0]!
      .normalize('NFD')
      .replace(/[^a-z_]/gi, '')}@Example.com`;
    const { status, body } = await bank.request<User>('POST', '/users', { token: teller, body: { name, email } });
    expect(status).toBe(201);
    users.push(body);
  }
});

function list(query = '', token = teller) {
  return bank.request<User[]>('GET', `/users${query}`, { token });
}
async function namesOf(query: string): Promise<string[]> {
  return (await list(query)).body.map(({ name }) => name);
}

test('shows tellers everyone, the newest first', async () => {
  const { status, headers, body } = await list();
  expect(status).toBe(200);
  expect(body).toEqual([...users].reverse());
  expect(headers.get('link')).toBeNull();
});

test('shows customers themselves and nobody else, whatever they filter by', async () => {
  const [alice, bob] = users;
  const token = await bank.tokenFor({ userId: alice!.id });
  expect((await list('', token)).body).toEqual([alice]);
  expect((await list('?q=o', token)).body).toEqual([alice]);
  expect((await list(`?email=${bob!.email}`, token)).body).toEqual([]);
  expect((await list('?q=bob', token)).body).toEqual([]);

  expect(await bank.request('GET', `/users/${alice!.id}`, { token })).toMatchObject({ status: 200, body: alice });
  expect(await bank.request('GET', `/users/${bob!.id}`, { token })).toMatchObject({
    status: 404,
    body: { code: 'user_not_found' },
  });
});

test('answers alike for a user of somebody else and for none', async () => {
  const token = await bank.tokenFor({ userId: users[0]!.id });
  const detailOf = async (id: number): Promise<unknown> => {
    const { status, body } = await bank.request<{ detail: string }>('GET', `/users/${id}`, { token });
    return [status, body.detail.replace(String(id), 'n')];
  };
  expect(await detailOf(users[1]!.id)).toEqual(await detailOf(999_999));
});

test('shows nothing to who is not signed in', async () => {
  for (const path of ['/users', `/users/${users[0]!.id}`]) {
    expect(await bank.request('GET', path)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  }
});

test.each([
  ['?q=johnson', ['Dave Johnson', 'Alice Johnson']],
  ['?q=JOHNSON', ['Dave Johnson', 'Alice Johnson']],
  ['?q=%C3%A9lodie', ['Élodie Durand']],
  ['?q=dave@ex', ['Dave Johnson']],
  ['?q=%25', ['Bob 100% Sure']],
  ['?q=_', ['Carol_Under Score']],
  ["?q='", []],
  ['?email=alice@EXAMPLE.com', ['Alice Johnson']],
  ['?email=alice@example', []],
  ['?email=alice@example.com&q=dave', []],
])('finds with %s', async (query, names) => {
  expect(await namesOf(query)).toEqual(names);
});

test('goes through pages without losing or repeating anybody, also while people register', async () => {
  const seen: number[] = [];
  let path: string | undefined = '/users?limit=2&q=example.com';
  for (let pages = 0; path !== undefined; pages++) {
    expect(pages).toBeLessThan(10);
    const { status, headers, body }: Awaited<ReturnType<typeof list>> = await bank.request<User[]>('GET', path, {
      token: teller,
    });
    expect(status).toBe(200);
    seen.push(...body.map(({ id }) => id));
    path = /^<\/api(\/users\?cursor=[^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    await bank.request('POST', '/users', {
      token: teller,
      body: { name: 'Latecomer', email: `late${pages}@example.com` },
    });
  }
  expect(seen).toEqual([...users].reverse().map(({ id }) => id));
});

test('skips as the original did', async () => {
  expect((await list('?q=johnson&skip=1&limit=1')).body).toEqual([users[0]]);
});

describe('refuses', () => {
  test.each([
    ['/users?limit=0', '/limit'],
    ['/users?limit=1001', '/limit'],
    ['/users?limit=-1', '/limit'],
    ['/users?skip=-1', '/skip'],
    ['/users?q=', '/q'],
    ['/users?q=a%00b', '/q'],
    ['/users?color=red', '/color'],
    ['/users/0', '/id'],
    ['/users/abc', '/id'],
    ['/users/1e3', '/id'],
    ['/users/99999999999999999999', '/id'],
  ])('%s', async (path, pointer) => {
    expect(await bank.request('GET', path, { token: teller })).toMatchObject({
      status: 422,
      body: { code: 'validation_failed', errors: [{ pointer }] },
    });
  });

  test('a cursor that was made up', async () => {
    const { status } = await bank.request('GET', '/users?cursor=abc', { token: teller });
    expect([400, 422]).toContain(status);
  });
});

test('finds no user with the largest id', async () => {
  expect(await bank.request('GET', '/users/9007199254740991', { token: teller })).toMatchObject({ status: 404 });
});
