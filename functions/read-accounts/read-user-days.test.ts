// All of a person's accounts in one currency day by day over HTTP, on histories of chosen moments and on one that the ledger wrote.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import pg from 'pg';
import type { Currency } from '../shared/contract/money.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { Day } from './contract.ts';
import { selectUserDays } from './select-user-days.ts';
import { book, insertAccount, linesOf } from './testing/history.ts';

let bank: TestBank;
let owner: pg.Pool;
let teller: string;
let now: Date;
let userId = 100_000; // Far from those that the bank gives out.
let token: string;
let other: number;

beforeAll(async () => {
  const databases = await givenDatabases();
  const functions = ['register-user', 'read-users', 'open-account', 'deposit', 'transfer', 'reverse-transaction'];
  bank = await startBank({ databases, functions: [...functions, 'close-account', 'read-accounts'], now: () => now });
  owner = new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 1 });
  teller = await bank.tokenFor({ userId: 900, role: 'teller' });
  other = await insertAccount(owner, { userId: 901, currency: 'USD', openedAt: '2026-11-01T00:00:00Z' });
});
beforeEach(async () => {
  now = new Date('2026-11-23T12:00:00Z');
  userId++; // Nobody's history is in the way of the next.
  token = await bank.tokenFor({ userId });
});
afterAll(() => owner.end());

/** Another account of this test's person, opened with something on it. */
async function given(at: string, amountMinor: number, currency: Currency = 'USD'): Promise<number> {
  const id = await insertAccount(owner, { userId, currency, openedAt: at });
  await book(owner, { type: 'opening', at, amountMinor, to: id });
  return id;
}
const transfer = (at: string, from: number, to: number, amountMinor: number) =>
  book(owner, { type: 'transfer', at, from, to, amountMinor });

function ask<T = Day[]>(query: string, as: string | undefined = token) {
  return bank.request<T>('GET', `/accounts/days?${query}`, { token: as });
}
async function linesOn(from: string, to: string, currency: Currency = 'USD'): Promise<string[]> {
  const { status, body } = await ask(`currency=${currency}&from=${from}&to=${to}`);
  expect(status).toBe(200);
  return linesOf(body);
}

test("a day's balance is what all accounts held when it ended: 0 before the first, unchanged without entries", async () => {
  const first = await given('2026-11-03T09:00:00Z', 10_000);
  const second = await given('2026-11-05T09:00:00Z', 50);
  await book(owner, { type: 'withdrawal', at: '2026-11-05T10:00:00Z', from: first, amountMinor: 1 });
  await book(owner, { type: 'deposit', at: '2026-11-07T10:00:00Z', to: second, amountMinor: 200 });
  expect(await linesOn('2026-11-02', '2026-11-08')).toEqual([
    '2026-11-02: 0 +0 -0 x0',
    '2026-11-03: 100 +100 -0 x1',
    '2026-11-04: 100 +0 -0 x0',
    '2026-11-05: 100.49 +0.5 -0.01 x2',
    '2026-11-06: 100.49 +0 -0 x0',
    '2026-11-07: 102.49 +2 -0 x1',
    '2026-11-08: 102.49 +0 -0 x0',
  ]);
  expect(await linesOn('2026-11-06', '2026-11-06')).toEqual(['2026-11-06: 100.49 +0 -0 x0']);
});

test("a transfer between one's own accounts is neither in nor out, and counts once", async () => {
  const [from, to] = [await given('2026-11-03T09:00:00Z', 10_000), await given('2026-11-03T09:00:00Z', 0)];
  await transfer('2026-11-04T09:00:00Z', from, to, 2_500);
  await transfer('2026-11-04T09:00:00Z', to, from, 500);
  expect(await linesOn('2026-11-03', '2026-11-04')).toEqual(['2026-11-03: 100 +100 -0 x2', '2026-11-04: 100 +0 -0 x2']);
});

test('a transfer to somebody else is out, and one from somebody else is in', async () => {
  const [one, two] = [await given('2026-11-03T09:00:00Z', 10_000), await given('2026-11-03T09:00:00Z', 5_000)];
  await transfer('2026-11-04T09:00:00Z', one, other, 2_500);
  await transfer('2026-11-04T10:00:00Z', other, two, 1_000);
  expect(await linesOn('2026-11-04', '2026-11-04')).toEqual(['2026-11-04: 135 +10 -25 x2']);
});

test('a reversed payment comes in again, and a reversed transfer between own accounts is neither as well', async () => {
  const [one, two] = [await given('2026-11-03T09:00:00Z', 10_000), await given('2026-11-03T09:00:00Z', 0)];
  const paid = await transfer('2026-11-04T09:00:00Z', one, other, 2_500);
  const moved = await transfer('2026-11-04T10:00:00Z', one, two, 1_000);
  const back = { type: 'reversal', at: '2026-11-05T09:00:00Z', to: one } as const;
  await book(owner, { ...back, from: other, amountMinor: 2_500, reverses: paid });
  await book(owner, { ...back, from: two, amountMinor: 1_000, reverses: moved });
  expect(await linesOn('2026-11-04', '2026-11-05')).toEqual(['2026-11-04: 75 +0 -25 x2', '2026-11-05: 100 +25 -0 x2']);
});

test('a closed account counts on the days that it was there', async () => {
  const closed = await given('2026-11-03T09:00:00Z', 10_000);
  await given('2026-11-03T09:00:00Z', 1);
  await book(owner, { type: 'withdrawal', at: '2026-11-04T09:00:00Z', from: closed, amountMinor: 10_000 });
  await book(owner, { type: 'closing', at: '2026-11-05T09:00:00Z', from: closed, amountMinor: 0 });
  await owner.query('update account set closed_at = $2 where id = $1', [closed, '2026-11-05T09:00:00Z']);
  expect(await linesOn('2026-11-03', '2026-11-06')).toEqual([
    '2026-11-03: 100.01 +100.01 -0 x2',
    '2026-11-04: 0.01 +0 -100 x1',
    '2026-11-05: 0.01 +0 -0 x1',
    '2026-11-06: 0.01 +0 -0 x0',
  ]);
});

test('each currency has days of its own, in its own decimals', async () => {
  await given('2026-11-03T09:00:00Z', 100);
  for (const currency of ['JPY', 'KWD'] as const) {
    const id = await given('2026-11-03T09:00:00Z', 1_234, currency);
    await given('2026-11-03T09:00:00Z', 1_000, currency);
    await book(owner, { type: 'withdrawal', at: '2026-11-03T10:00:00Z', from: id, amountMinor: 1 });
  }
  const on = ['2026-11-03', '2026-11-03'] as const;
  expect(await linesOn(...on)).toEqual(['2026-11-03: 1 +1 -0 x1']);
  expect(await linesOn(...on, 'JPY')).toEqual(['2026-11-03: 2233 +2234 -1 x3']);
  expect(await linesOn(...on, 'KWD')).toEqual(['2026-11-03: 2.233 +2.234 -0.001 x3']);
  expect(await linesOn(...on, 'EUR')).toEqual(['2026-11-03: 0 +0 -0 x0']);
});

test('a day begins at midnight in UTC and ends with its last microsecond, in a session of any time zone', async () => {
  for (const [at, amount] of [
    ['2026-11-02T23:59:59.999999Z', 100],
    ['2026-11-03T00:00:00Z', 200],
    ['2026-11-03T23:59:59.999999Z', 400],
    ['2026-11-04T00:00:00Z', 800],
    ['2026-11-05T00:00:00Z', 1_600],
  ] as const)
    await given(at, amount);
  const period = { from: '2026-11-03', to: '2026-11-04' };
  const days = await bank.environment.ledgerDatabase.db.transaction().execute(async (trx) => {
    await sql`set local timezone to 'Pacific/Auckland'`.execute(trx);
    return selectUserDays(trx, { userId, currency: 'USD', period });
  });
  expect(linesOf(days)).toEqual(['2026-11-03: 7 +6 -0 x2', '2026-11-04: 15 +8 -0 x1']);
  expect(await linesOn(period.from, period.to)).toEqual(linesOf(days));
});

test('what the ledger writes adds up: transfers to oneself and to others, a reversal, a closed account', async () => {
  now = new Date();
  const post = async (path: string, body: object): Promise<number> => {
    const answer = await bank.request<{ id: number }>('POST', path, { token: teller, body });
    expect([path, answer.status]).toEqual([path, 201]);
    return answer.body.id;
  };
  const person = await post('/users', { name: 'Dora Days', email: `${randomUUID()}@example.com` });
  const open = (balance: number) => post('/accounts', { user_id: person, account_type: 'checking', balance });
  const [checking, savings, closed] = [await open(1_000), await open(0), await open(0)];
  const friend = await post('/users', { name: 'Fred Friend', email: `${randomUUID()}@example.com` });
  const friends = await post('/accounts', { user_id: friend, account_type: 'checking' });
  await post('/transfers', { account_id: checking, target_account_id: savings, amount: 300 });
  const paid = await post('/transfers', { account_id: checking, target_account_id: friends, amount: 12.34 });
  await post(`/transactions/${paid}/reversal`, {});
  await post('/transfers', { account_id: savings, target_account_id: friends, amount: 99.99 });
  expect((await bank.request('DELETE', `/accounts/${closed}`, { token: teller })).status).toBe(204);

  now = new Date(); // Midnight may have passed meanwhile.
  const { body } = await ask(`currency=USD&user_id=${person}`, teller);
  const sum = (of: (day: Day) => number) => body.reduce((total, day) => total + of(day), 0);
  expect(body).toHaveLength(90);
  expect(body.at(-1)?.balance).toBe(900.01);
  expect(sum((day) => Math.round(Number(day.total_in) * 100))).toBe(101_234);
  expect(sum((day) => Math.round(Number(day.total_out) * 100))).toBe(11_233);
  expect(sum((day) => day.transactions)).toBe(8);
});

test('days are for the person and for tellers, who may name anyone; by default they are oneself', async () => {
  await given('2026-11-03T09:00:00Z', 100);
  const mine = await ask('currency=USD');
  expect([mine.status, mine.body.at(-1)?.balance, mine.headers.get('cache-control')]).toEqual([200, 1, 'no-store']);
  expect((await ask(`currency=USD&user_id=${userId}`)).body).toEqual(mine.body);
  expect((await ask(`currency=USD&user_id=${userId}`, teller)).body).toEqual(mine.body);
  const empty = mine.body.map(({ date }) => ({ date, balance: 0, total_in: 0, total_out: 0, transactions: 0 }));
  expect((await ask('currency=USD', teller)).body).toEqual(empty);
  expect((await ask('currency=USD&user_id=999999', teller)).body).toEqual(empty);

  const stranger = await bank.tokenFor({ userId: 902 });
  for (const id of [userId, 999_999]) {
    const refused = await ask<object>(`currency=USD&user_id=${id}`, stranger);
    const body = { code: 'user_not_found', errors: [{ pointer: '/user_id' }] };
    expect(refused).toMatchObject({ status: 404, body });
  }
  expect((await bank.request('GET', '/accounts/days?currency=USD')).status).toBe(401);
});

test.each([
  ['', 'validation_failed', '/currency'],
  ['currency=usd', 'validation_failed', '/currency'],
  ['currency=XXX', 'validation_failed', '/currency'],
  ['currency=USD&user_id=0', 'validation_failed', '/user_id'],
  ['currency=USD&from=2026-11-20&to=2026-11-19', 'validation_failed', '/from'],
  ['currency=USD&from=2025-11-22', 'period_too_long', '/from'],
  ['currency=USD&to=2026-02-30', 'validation_failed', '/to'],
])('?%s is refused with %s and names %s', async (query, code, pointer) => {
  const { status, body } = await ask<{ code: string; errors: object[] }>(query);
  expect({ status, code: body.code, errors: body.errors }).toMatchObject({ status: 422, code, errors: [{ pointer }] });
});
