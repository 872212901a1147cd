// An account day by day over HTTP, on histories of chosen moments and on one that the ledger wrote.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import pg from 'pg';
import type { Currency, Total } from '../shared/contract/money.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { Day } from './contract.ts';
import { selectDays } from './select-days.ts';
import { book, insertAccount, linesOf } from './testing/history.ts';

let bank: TestBank;
let owner: pg.Pool;
let alice: string;
let teller: string;
let now: Date;

beforeAll(async () => {
  const databases = await givenDatabases();
  const functions = ['register-user', 'read-users', 'open-account', 'deposit', 'reverse-transaction', 'close-account'];
  bank = await startBank({ databases, functions: [...functions, 'read-accounts'], now: () => now });
  owner = new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 1 });
  alice = await bank.tokenFor({ userId: 1 });
  teller = await bank.tokenFor({ userId: 900, role: 'teller' });
});
beforeEach(() => {
  now = new Date('2026-11-23T12:00:00Z');
});
afterAll(() => owner.end());

type Moved = [bookedAt: string, amountMinor: number];

/** An account of Alice with these entries, oldest first. */
async function givenHistory(history: Moved[], currency: Currency = 'USD'): Promise<number> {
  const id = await insertAccount(owner, { userId: 1, currency, openedAt: history[0]?.[0] ?? now });
  for (const [i, [at, amount]] of history.entries()) {
    const type = i === 0 ? 'opening' : amount > 0 ? 'deposit' : 'withdrawal';
    await book(owner, { type, at, amountMinor: Math.abs(amount), ...(amount > 0 ? { to: id } : { from: id }) });
  }
  return id;
}

function ask<T = Day[]>(id: number, query = '', token = alice) {
  return bank.request<T>('GET', `/accounts/${id}/days${query}`, { token });
}
async function linesOn(id: number, from: string, to: string): Promise<string[]> {
  const { status, body } = await ask(id, `?from=${from}&to=${to}`);
  expect(status).toBe(200);
  return linesOf(body);
}

test('a day without entries keeps the balance of the day before, and is 0 before the account was opened', async () => {
  const id = await givenHistory([
    ['2026-11-03T09:00:00Z', 10_000],
    ['2026-11-03T10:00:00Z', -1],
    ['2026-11-05T23:00:00Z', -5_000],
    ['2026-11-05T23:30:00Z', 250],
  ]);
  expect(await linesOn(id, '2026-11-01', '2026-11-06')).toEqual([
    '2026-11-01: 0 +0 -0 x0',
    '2026-11-02: 0 +0 -0 x0',
    '2026-11-03: 99.99 +100 -0.01 x2',
    '2026-11-04: 99.99 +0 -0 x0',
    '2026-11-05: 52.49 +2.5 -50 x2',
    '2026-11-06: 52.49 +0 -0 x0',
  ]);
  expect(await linesOn(id, '2026-11-04', '2026-11-04')).toEqual(['2026-11-04: 99.99 +0 -0 x0']);
});

test('a day begins at midnight in UTC and ends with its last microsecond, in a session of any time zone', async () => {
  const id = await givenHistory([
    ['2026-11-03T23:59:59.999999Z', 100],
    ['2026-11-04T00:00:00Z', 200],
    ['2026-11-04T23:59:59.999999Z', 400],
    ['2026-11-05T00:00:00Z', 800],
  ]);
  const period = { from: '2026-11-03', to: '2026-11-05' };
  const days = await bank.environment.ledgerDatabase.db.transaction().execute(async (trx) => {
    await sql`set local timezone to 'Pacific/Auckland'`.execute(trx);
    return selectDays(trx, { accountId: id, ownerId: undefined, period });
  });
  expect(linesOf(days)).toEqual(['2026-11-03: 1 +1 -0 x1', '2026-11-04: 7 +6 -0 x2', '2026-11-05: 15 +8 -0 x1']);
  expect(await linesOn(id, period.from, period.to)).toEqual(linesOf(days));
});

test('a leap year has its day more', async () => {
  const id = await givenHistory([['2024-02-29T12:00:00Z', 100]]);
  expect(await linesOn(id, '2024-02-28', '2024-03-01')).toEqual([
    '2024-02-28: 0 +0 -0 x0',
    '2024-02-29: 1 +1 -0 x1',
    '2024-03-01: 1 +0 -0 x0',
  ]);
  expect(await linesOn(id, '2024-01-01', '2024-12-31')).toHaveLength(366);
});

test.each<[Currency, string]>([
  ['JPY', '2026-11-03: 1233 +1234 -1 x2'],
  ['KWD', '2026-11-03: 1.233 +1.234 -0.001 x2'],
])('%s amounts have the decimals of their currency', async (currency, line) => {
  const history: Moved[] = [
    ['2026-11-03T09:00:00Z', 1_234],
    ['2026-11-03T09:00:01Z', -1],
  ];
  expect(await linesOn(await givenHistory(history, currency), '2026-11-03', '2026-11-03')).toEqual([line]);
});

test('a day that moved more than the bank can hold adds up nevertheless', async () => {
  const most = 999_999_999_999_999;
  const there = Array.from({ length: 4 }, (_, i): Moved => [`2026-11-03T09:00:0${i}Z`, i % 2 === 0 ? most : -most]);
  const id = await givenHistory(there);
  expect(await linesOn(id, '2026-11-03', '2026-11-03')).toEqual([
    '2026-11-03: 0 +19999999999999.98 -19999999999999.98 x4',
  ]);
});

test('what the ledger writes adds up: an opening, a reversed deposit, the closing', async () => {
  now = new Date();
  const post = <T>(path: string, body: object) =>
    bank.request<T & { id: number }>('POST', path, { token: teller, body });
  const user = await post('/users', { name: 'Dora Days', email: `${randomUUID()}@example.com` });
  const account = await post('/accounts', { user_id: user.body.id, account_type: 'checking', balance: 0 });
  const { id } = account.body;
  const deposit = await post('/deposits', { account_id: id, amount: 12.34 });
  expect((await post(`/transactions/${deposit.body.id}/reversal`, {})).status).toBe(201);
  expect((await bank.request('DELETE', `/accounts/${id}`, { token: teller })).status).toBe(204);

  now = new Date(); // Midnight may have passed meanwhile.
  const { body } = await ask(id, '', teller);
  const sum = (of: (day: Day) => Total) => body.reduce((total, day) => total + Number(of(day)), 0);
  expect(body).toHaveLength(90);
  expect([sum((day) => day.total_in), sum((day) => day.total_out)]).toEqual([12.34, 12.34]);
  expect([sum((day) => day.transactions), body.at(-1)?.balance]).toEqual([4, 0]);
});

describe('the period', () => {
  const spanOf = ({ body }: { body: Day[] }) => [body[0]?.date, body.at(-1)?.date, body.length];
  let id: number;
  beforeAll(async () => {
    id = await givenHistory([['2026-11-03T09:00:00Z', 100]]);
  });

  test.each([
    ['', '2026-08-26', '2026-11-23', 90],
    ['?from=2026-11-20', '2026-11-20', '2026-11-23', 4],
    ['?to=2026-11-20', '2026-08-23', '2026-11-20', 90],
    ['?from=2026-11-23', '2026-11-23', '2026-11-23', 1],
    ['?from=2025-11-23', '2025-11-23', '2026-11-23', 366],
    ['?from=2026-11-01&to=2026-11-30', '2026-11-01', '2026-11-23', 23],
    ['?to=2026-12-31', '2026-08-26', '2026-11-23', 90],
  ])('%s is from %s to %s', async (query, ...span) => {
    expect(spanOf(await ask(id, query))).toEqual(span);
  });

  test('ends with the day that it is in UTC, before midnight and after', async () => {
    now = new Date('2026-11-23T23:59:59.999Z');
    expect((await ask(id)).body.at(-1)?.date).toBe('2026-11-23');
    now = new Date('2026-11-24T00:00:00.000Z');
    const { body, headers } = await ask(id);
    expect([body.at(-1)?.date, headers.get('cache-control'), headers.get('etag')]).toEqual([
      '2026-11-24',
      'no-store',
      null,
    ]);
  });

  test.each([
    ['from=2026-11-20&to=2026-11-19', 'validation_failed', '/from'],
    ['from=2026-11-24', 'validation_failed', '/from'],
    ['from=2026-11-24&to=2026-11-30', 'validation_failed', '/from'],
    ['from=2025-11-22', 'period_too_long', '/from'],
    ['from=2026-01-01&to=2027-01-02', 'period_too_long', '/from'],
    ['from=2026-02-29', 'validation_failed', '/from'],
    ['from=2026-11-01T00:00:00Z', 'validation_failed', '/from'],
    ['to=1969-12-31', 'validation_failed', '/to'],
    ['limit=5', 'validation_failed', '/limit'],
  ])('?%s is refused with %s and names %s', async (query, code, pointer) => {
    const { status, body } = await ask<{ code: string; errors: object[] }>(id, `?${query}`);
    expect({ status, code: body.code, errors: body.errors }).toMatchObject({
      status: 422,
      code,
      errors: [{ pointer }],
    });
  });
});

test("days are for the account's owner and for tellers", async () => {
  const id = await givenHistory([['2026-11-03T09:00:00Z', 100]]);
  const bob = await bank.tokenFor({ userId: 2 });
  expect((await ask(id)).body).toEqual((await ask(id, '', teller)).body);
  expect(await ask(id, '', bob)).toMatchObject({ status: 404, body: { code: 'account_not_found' } });
  expect(await ask(999_999, '', teller)).toMatchObject({ status: 404, body: { code: 'account_not_found' } });
  expect((await bank.request('GET', `/accounts/${id}/days`)).status).toBe(401);
});
