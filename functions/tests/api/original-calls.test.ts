// The calls of the original's pages, traffic script and documents, as its clients send them: with a token added, they work here.
import { beforeAll, describe, expect, test } from 'vitest';
import { functionNames } from '../../shared/process/load-functions.ts';
import { startBank, type TestBank } from '../../shared/testing/harness.ts';
import { givenDatabases } from '../../shared/testing/postgres.ts';

type Shown = { id: number; balance: number; message: string; type: string; target_account_id: number | null };
type Problem = { code: string; detail: string };

let bank: TestBank;
let token: string;
let alice: number;
let checking: number;
let savings: number;

beforeAll(async () => {
  bank = await startBank({ databases: await givenDatabases(), functions: await functionNames() });
  token = await bank.tellerToken();
  alice = (await post('/users', { name: 'Alice Johnson', email: 'alice@example.com', phone: '1234567890' })).body.id;
  checking = (await post('/accounts', { user_id: alice, account_type: 'checking', balance: 1000.0 })).body.id;
  savings = (await post('/accounts', { user_id: alice, account_type: 'savings', balance: 0 })).body.id;
});

function send<T = Shown>(method: string, path: string, body?: object) {
  return bank.request<T>(method, path, { token, ...(body && { body }) });
}
const post = <T = Shown>(path: string, body: object) => send<T>('POST', path, body);
const balanceOf = async (id: number): Promise<number> => (await send('GET', `/accounts/${id}`)).body.balance;

describe('its pages and documents', () => {
  test('list each collection, by page as well, and with a slash at the end', async () => {
    for (const path of ['/users', '/accounts', '/transactions', '/notifications']) {
      for (const end of ['', '/', '?skip=0&limit=100', '/?skip=0&limit=100']) {
        const { status, body } = await send<unknown[]>('GET', path + end);
        expect([path + end, status, Array.isArray(body)]).toEqual([path + end, 200, true]);
      }
    }
  });

  test('show one thing by its number, with a slash at the end as well', async () => {
    expect((await send('GET', `/users/${alice}`)).body).toMatchObject({ id: alice, name: 'Alice Johnson' });
    expect((await send('GET', `/accounts/${checking}/`)).body).toMatchObject({ id: checking, user_id: alice });
    expect((await send<Problem>('GET', '/users/999999')).status).toBe(404);
  });

  test('a slash at the end is taken by what changes something, too', async () => {
    const { status, headers } = await post('/accounts/', { user_id: alice, account_type: 'business' });
    expect([status, headers.get('location')]).toEqual([201, expect.stringMatching(/^\/api\/accounts\/\d+$/)]);
  });

  test.each([
    ['deposit', { type: 'deposit', amount: 25, target_account_id: null }, 25],
    ['deposit with a number left in the form', { type: 'deposit', amount: 25, target_account_id: 77 }, 25],
    ['withdrawal by its old name', { type: 'withdraw', amount: 10, target_account_id: null }, -10],
    ['withdrawal with a number left in the form', { type: 'withdraw', amount: 10, target_account_id: 77 }, -10],
    ['amount as text', { type: 'deposit', amount: '12.50' }, 12.5],
  ])('post a %s', async (_, body, moved) => {
    const before = await balanceOf(checking);
    const { status, body: booked } = await post('/transactions', { account_id: checking, ...body });
    expect([status, booked.type]).toEqual([201, moved > 0 ? 'deposit' : 'withdrawal']);
    expect(booked.target_account_id).toBe(null);
    expect(await balanceOf(checking)).toBe(before + moved);
  });

  test('post a transfer, with numbers as texts of digits', async () => {
    const [payer, payee] = [await balanceOf(checking), await balanceOf(savings)];
    const numbers = { account_id: String(checking), target_account_id: String(savings) };
    const { status, body } = await post('/transactions', { ...numbers, type: 'transfer', amount: '100' });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ account_id: checking, target_account_id: savings }),
    ]);
    expect([await balanceOf(checking), await balanceOf(savings)]).toEqual([payer - 100, payee + 100]);
  });

  test('open an account for a number as text', async () => {
    const { status, body } = await post('/accounts', {
      user_id: String(alice),
      account_type: 'checking',
      balance: '5',
    });
    expect([status, body.balance]).toEqual([201, 5]);
  });

  test.each(['12a', '', ' 7', '07', '-1', '1e3', '9999999999999999', '0'])('the text %j is no number', async (text) => {
    const { status, body } = await post<Problem>('/transactions', { account_id: text, type: 'deposit', amount: 1 });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.detail).toContain('/account_id: is not a whole number above 0');
  });

  test('a transfer to nobody is refused, and says what it needs', async () => {
    const { status, body } = await post<Problem>('/transactions', {
      account_id: checking,
      type: 'transfer',
      amount: 1,
    });
    expect([status, body.detail]).toEqual([422, '/target_account_id: a transfer needs a target_account_id']);
  });

  test('too much money is refused', async () => {
    const body = { account_id: checking, type: 'withdraw', amount: 1_000_000 };
    expect(await post<Problem>('/transactions', body)).toMatchObject({ body: { code: 'insufficient_funds' } });
  });
});

describe('what it has in another way says what to do instead', () => {
  test.each([
    ['PUT', () => `/accounts/${checking}`, { balance: 5 }, 'POST /transactions'],
    ['DELETE', () => '/transactions/1', undefined, 'reversal'],
    ['POST', () => '/notifications', { user_id: 1, message: 'Hello' }, 'POST /transactions'],
  ])('%s %s', async (method, path, body, instead) => {
    const { status, body: problem } = await send<Problem>(method, path(), body);
    expect([status, problem.code]).toEqual([405, 'method_not_allowed']);
    expect(problem.detail).toContain(instead);
  });
});

test('its traffic script: four lists, one user, one account, one deposit, again and again', async () => {
  for (let round = 0; round < 5; round++) {
    const before = await balanceOf(checking);
    const paths = [
      '/users',
      '/accounts',
      '/transactions',
      '/notifications',
      `/users/${alice}`,
      `/accounts/${checking}`,
    ];
    const statuses = await Promise.all(paths.map(async (path) => (await send('GET', path)).status));
    expect(statuses).toEqual(paths.map(() => 200));
    // As its shell writes it: `"amount": 7.00`.
    const amount = Number(`${round + 1}.00`);
    expect((await post('/transactions', { account_id: checking, type: 'deposit', amount })).status).toBe(201);
    expect(await balanceOf(checking)).toBe(before + amount);
  }
});
