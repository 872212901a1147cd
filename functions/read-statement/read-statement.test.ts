// Statements over HTTP on a real ledger: the sums, the borders of the period, the two forms, and who may have them.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import type { Posting } from '../shared/ledger/posting.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { mostLines, type Statement } from './contract.ts';

type Problem = { code: string; errors?: { pointer: string }[] };

let bank: TestBank;
let owner: pg.Pool;
let alice: string;
let bob: string;
let teller: string;

beforeAll(async () => {
  const databases = await givenDatabases();
  bank = await startBank({ databases, functions: ['read-statement'] });
  owner = new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 1 });
  alice = await bank.tokenFor({ userId: 1 });
  bob = await bank.tokenFor({ userId: 2 });
  teller = await bank.tokenFor({ userId: 900, role: 'teller' });
});
afterAll(() => owner.end());

async function post(posting: Posting): Promise<{ account_id: number; booked_at: string; transaction_id: number }> {
  const call = {
    caller: { role: 'teller', userId: 900 },
    idempotency: { scope: 'user:900', key: randomUUID(), fingerprint: 'test' },
    channel: 'http',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    token: undefined,
    sessionId: undefined,
    renewalCookie: undefined,
    deviceCookie: undefined,
    userAgent: '',
    address: '127.0.0.1',
    accept: 'application/json',
    after: undefined,
    lastEventId: undefined,
    signal: new AbortController().signal,
  } as const;
  return (await bank.environment.ledger.post(posting, 'deposit', call)).facts;
}

type Money = { amountMinor: bigint; currency: 'USD' | 'JPY' | 'KWD' };
const usd = (amountMinor: bigint): Money => ({ amountMinor, currency: 'USD' });

async function givenAccount(userId: number, money: Money): Promise<number> {
  const opening = { type: 'opening', userId, accountType: 'checking', overdraftLimitMinor: 0n, ...money } as const;
  return (await post(opening)).account_id;
}

function ask<T = Statement>(accountId: number, query = '', token = alice, headers: Record<string, string> = {}) {
  return bank.request<T>('GET', `/accounts/${accountId}/statement${query}`, { token, headers });
}

test('a statement shows every line with its other side, and its sums add up', async () => {
  const [mine, others] = [await givenAccount(1, usd(100_000n)), await givenAccount(2, usd(0n))];
  await post({ type: 'deposit', accountId: mine, ...usd(50_000n), description: 'Salary' });
  await post({ type: 'withdrawal', accountId: mine, ...usd(1n) });
  await post({ type: 'transfer', accountId: mine, targetAccountId: others, ...usd(20_010n) });
  const { transaction_id } = await post({ type: 'transfer', accountId: others, targetAccountId: mine, ...usd(10n) });
  await post({ type: 'reversal', reverses: transaction_id });

  const { status, body } = await ask(mine);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    account_id: mine,
    user_id: 1,
    currency: 'USD',
    opening_balance: 0,
    closing_balance: 1299.89,
  });
  expect(body).toMatchObject({ total_in: 1500.1, total_out: 200.21 });
  expect(
    body.entries.map((line) => [
      line.type,
      line.description,
      line.counterparty_account_id,
      line.amount,
      line.balance_after,
    ]),
  ).toEqual([
    ['opening', null, null, 1000, 1000],
    ['deposit', 'Salary', null, 500, 1500],
    ['withdrawal', null, null, -0.01, 1499.99],
    ['transfer', null, others, -200.1, 1299.89],
    ['transfer', null, others, 0.1, 1299.99],
    ['reversal', null, others, -0.1, 1299.89],
  ]);
  expect(body.from).toMatch(/^\d{4}-\d\d-01T00:00:00\.000000Z$/);
  expect(body.to > body.entries.at(-1)!.timestamp).toBe(true);
});

test('sums that no double holds are told to the last cent, as JSON and in a file', async () => {
  const account = await givenAccount(1, usd(0n));
  for (let turn = 0; turn < 10; turn++) {
    await post({ type: 'deposit', accountId: account, ...usd(999_999_999_999_999n) });
    await post({ type: 'withdrawal', accountId: account, ...usd(999_999_999_999_998n - BigInt(turn)) });
    await post({ type: 'withdrawal', accountId: account, ...usd(1n + BigInt(turn)) });
  }
  const textOf = async (format: string): Promise<string> => {
    const url = `${bank.origin}/api/accounts/${account}/statement?format=${format}`;
    return await (await fetch(url, { headers: { authorization: `Bearer ${alice}` } })).text();
  };
  expect(await textOf('json')).toContain('"total_in":99999999999999.90,"total_out":99999999999999.90');
  expect(await textOf('camt.053')).toContain('<Sum>99999999999999.90</Sum>');
});

test('the first moment of a period is in it, the last is not, and balances connect', async () => {
  const account = await givenAccount(1, usd(1_000n));
  const moments = [];
  for (let i = 0; i < 3; i++)
    moments.push((await post({ type: 'deposit', accountId: account, ...usd(100n) })).booked_at);

  const { body: middle } = await ask(account, `?from=${moments[0]}&to=${moments[2]}`);
  expect(middle.entries.map((line) => line.timestamp)).toEqual(moments.slice(0, 2));
  expect(middle).toMatchObject({ from: moments[0], to: moments[2], opening_balance: 10, closing_balance: 12 });

  const { body: rest } = await ask(account, `?from=${moments[2]}`);
  expect(rest).toMatchObject({ opening_balance: 12, closing_balance: 13, total_in: 1 });
  const { body: nothing } = await ask(account, `?from=${moments[1]}&to=${moments[1]}`);
  expect(nothing).toMatchObject({ opening_balance: 11, closing_balance: 11, total_in: 0, total_out: 0, entries: [] });
  const { body: before } = await ask(account, '?from=2020-01-01&to=2020-12-31');
  expect(before).toMatchObject({ opening_balance: 0, closing_balance: 0, entries: [] });
});

test('a day is a day in UTC, with its whole last day', async () => {
  const account = await givenAccount(1, usd(1_000n));
  const today = new Date().toISOString().slice(0, 10);
  expect((await ask(account, `?from=${today}&to=${today}`)).body.entries).toHaveLength(1);
});

test('a statement comes as CSV by Accept or by format, and format wins', async () => {
  const account = await givenAccount(1, { amountMinor: 12_500n, currency: 'KWD' });
  await post({ type: 'withdrawal', accountId: account, amountMinor: 1n, currency: 'KWD', description: '=1+1' });

  const byAccept = await ask<string>(account, '?from=2026-01-01&to=2026-12-31', alice, { accept: 'text/csv' });
  expect(byAccept.headers.get('content-type')).toMatch(/^text\/csv; *charset=utf-8/);
  expect(byAccept.headers.get('content-disposition')).toBe(
    `attachment; filename="statement-${account}-2026-01-01-2026-12-31.csv"`,
  );
  const rows = byAccept.body.split('\r\n');
  expect(rows).toHaveLength(4);
  expect(rows[2]).toMatch(/,withdrawal,"'=1\+1",,-0\.001,KWD,12\.499$/);

  const byFormat = await ask<string>(account, '?from=2026-01-01&to=2026-12-31&format=csv', alice, {
    accept: 'application/json',
  });
  expect(byFormat.body).toBe(byAccept.body);
  const json = await ask(account, '?format=json', alice, { accept: 'text/csv' });
  expect(json.body.closing_balance).toBe(12.499);
});

test('a statement is for its owner and for tellers', async () => {
  const account = await givenAccount(1, usd(0n));
  expect((await ask(account, '', alice)).status).toBe(200);
  expect((await ask(account, '', teller)).status).toBe(200);
  expect(await ask(account, '', bob)).toMatchObject({ status: 404, body: { code: 'account_not_found' } });
  expect(await ask(999_999, '', teller)).toMatchObject({ status: 404, body: { code: 'account_not_found' } });
  expect((await bank.request('GET', `/accounts/${account}/statement`)).status).toBe(401);
});

test.each([
  ['from=yesterday', 'validation_failed', '/from'],
  ['from=2026-02-30', 'validation_failed', '/from'],
  ['to=2026-11-01T25:00:00Z', 'validation_failed', '/to'],
  ['to=2026-11-01T10:00:00', 'validation_failed', '/to'],
  ['from=2026-11-20&to=2026-11-01', 'validation_failed', '/from'],
  ['from=0000-01-01&to=0000-01-02', 'validation_failed', '/to'],
  ['from=2020-01-01&to=2026-11-01', 'period_too_long', '/from'],
  ['format=pdf', 'validation_failed', '/format'],
  ['limit=5', 'validation_failed', '/limit'],
])('?%s is refused with %s and names %s', async (query, code, pointer) => {
  const { status, body } = await ask<Problem>(1, `?${query}`, teller);
  expect({ status, code: body.code, pointer: body.errors?.[0]?.pointer }).toEqual({ status: 422, code, pointer });
});

test("the bank's own accounts have no statement", async () => {
  expect((await ask(-840, '', teller)).status).toBe(422);
});

test('a statement may have ten thousand lines, and not one more', async () => {
  const account = await givenAccount(1, usd(0n));
  await givenDeposits(account, mostLines - 1);
  const { body } = await ask(account);
  expect(body.entries).toHaveLength(mostLines);
  expect(body.closing_balance).toBe((mostLines - 1) / 100);

  await post({ type: 'deposit', accountId: account, ...usd(1n) });
  expect(await ask<Problem>(account)).toMatchObject({ status: 422, body: { code: 'period_too_long' } });
});

/** Deposits of one cent, in two statements: the ledger itself would take its time. */
async function givenDeposits(accountId: number, count: number): Promise<void> {
  await owner.query(
    `with made as (
       insert into transaction (type, account_id, amount_minor, currency, trace_id, booked_at, effective_at)
       select 'deposit', $1, 1, 'USD', '', clock_timestamp(), clock_timestamp() from generate_series(1, $2)
       returning id, booked_at
     ), numbered as (select *, row_number() over (order by id) as n from made)
     insert into entry (account_id, transaction_id, currency, amount_minor, balance_after_minor, version, booked_at)
     select $1, id, 'USD', 1, n, n + 1, booked_at from numbered
     union all select -840, id, 'USD', -1, null, null, booked_at from numbered`,
    [accountId, count],
  );
  await owner.query(
    'update account set balance_minor = $2::bigint, version = $2::bigint + 1, last_booked_at = clock_timestamp() where id = $1',
    [accountId, count],
  );
}
