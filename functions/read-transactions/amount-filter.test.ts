// Finding transactions by their amount, over HTTP: each is compared in its own currency.
import { beforeAll, describe, expect, test } from 'vitest';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { Transaction } from '../shared/contract/transaction.ts';

let bank: TestBank;
let teller: string;
let userId: number;

beforeAll(async () => {
  const functions = ['register-user', 'read-users', 'open-account', 'deposit', 'read-transactions'];
  bank = await startBank({ databases: await givenDatabases(), functions });
  teller = await bank.tokenFor({ userId: 900, role: 'teller' });
  userId = await post('/users', { name: 'Ada Amount', email: 'ada@example.com' });
  for (const [currency, amounts] of [
    ['USD', [0.01, 12.5, 12.51, 1_250]],
    ['USD', [9_999_999_999_999.99]], // All that an account can hold.
    ['JPY', [1, 12, 13, 1_250]],
    ['KWD', [0.001, 12.5, 12.501]],
  ] as const) {
    const account_id = await post('/accounts', { user_id: userId, account_type: 'checking', currency });
    for (const amount of amounts) await post('/deposits', { account_id, amount, description: `${currency} paid in` });
  }
});

async function post(path: string, body: object): Promise<number> {
  const answer = await bank.request<{ id: number }>('POST', path, { token: teller, body });
  expect(answer.status).toBe(201);
  return answer.body.id;
}
async function find(query: string, token = teller) {
  return bank.request<Transaction[]>('GET', `/transactions?type=deposit&${query}`, { token });
}
const amountsOf = (found: Transaction[]) => found.map(({ amount, currency }) => `${amount} ${currency}`).reverse();

test.each([
  ['min_amount=12.51&max_amount=12.51', ['12.51 USD']],
  ['min_amount=12.5&max_amount=12.5', ['12.5 USD', '12.5 KWD']],
  ['min_amount=12.50&max_amount=12.500', ['12.5 USD', '12.5 KWD']],
  ['min_amount=12&max_amount=13', ['12.5 USD', '12.51 USD', '12 JPY', '13 JPY', '12.5 KWD', '12.501 KWD']],
  ['min_amount=12.1&max_amount=12.9', ['12.5 USD', '12.51 USD', '12.5 KWD', '12.501 KWD']],
  ['min_amount=12.501&max_amount=13', ['12.51 USD', '13 JPY', '12.501 KWD']],
  ['max_amount=0.01', ['0.01 USD', '0.001 KWD']],
  ['max_amount=0.009', ['0.001 KWD']],
  ['max_amount=0', []],
  ['min_amount=1250', ['1250 USD', '9999999999999.99 USD', '1250 JPY']],
  ['min_amount=9999999999999.99', ['9999999999999.99 USD']],
  ['min_amount=9999999999999.991', []],
])('%s finds %s', async (query, amounts) => {
  expect(amountsOf((await find(query)).body)).toEqual(amounts);
});

test('an opening that paid nothing in has the amount zero', async () => {
  const { body } = await bank.request<Transaction[]>('GET', '/transactions?max_amount=0', { token: teller });
  expect(body.map(({ type }) => type)).toEqual(['opening', 'opening', 'opening', 'opening']);
});

test('amounts narrow down what a text finds, and customers find among their own only', async () => {
  expect(amountsOf((await find('min_amount=12&max_amount=13&q=jpy%20PAID')).body)).toEqual(['12 JPY', '13 JPY']);
  const own = await find('max_amount=1', await bank.tokenFor({ userId }));
  expect(amountsOf(own.body)).toEqual(['0.01 USD', '1 JPY', '0.001 KWD']);
  expect((await find('max_amount=1', await bank.tokenFor({ userId: userId + 1 }))).body).toEqual([]);
});

test('the next page keeps the amounts', async () => {
  const first = await find('min_amount=12&max_amount=13&limit=4');
  const next = /^<\/api(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  const second = await bank.request<Transaction[]>('GET', next, { token: teller });
  expect(amountsOf([...first.body, ...second.body])).toEqual(
    amountsOf((await find('min_amount=12&max_amount=13')).body),
  );
  expect([second.body.length, second.headers.get('link')]).toEqual([2, null]);
  expect((await bank.request('GET', `${next}&min_amount=11`, { token: teller })).status).toBe(422);
});

describe('refuses', () => {
  const noDecimals = '-1 +1 01 1. .5 1e3 0x10 1,5 12.5001 10000000000000 NaN Infinity %20 %D9%A1'.split(' ');
  test.each(['', ...noDecimals])('%s as an amount', async (text) => {
    for (const name of ['min_amount', 'max_amount']) {
      expect(await find(`${name}=${text}`)).toMatchObject({
        status: 422,
        body: { code: 'validation_failed', errors: [{ pointer: `/${name}` }] },
      });
    }
  });

  test.each(['min_amount=2&max_amount=1', 'min_amount=9999999999999.999&max_amount=9999999999999.998'])(
    '%s, which nothing can be',
    async (query) => {
      expect(await find(query)).toMatchObject({
        status: 422,
        body: { code: 'validation_failed', errors: [{ pointer: '/min_amount', detail: 'is above max_amount' }] },
      });
    },
  );
});
