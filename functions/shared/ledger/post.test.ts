// The ledger on a real database: what it commits, what it refuses, and what the database itself does not let happen.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutboxEvent } from '../../../eventing/outbox/outbox-event.ts';
import { createDatabase, type BankPool } from '../database/pool.ts';
import { Refusal } from '../contract/errors.ts';
import type { Call } from '../handler/call.ts';
import { createLedger, type Ledger } from './post.ts';
import { currencyDigits } from '../contract/money.ts';
import type { Posting } from './posting.ts';
import { givenDatabases } from '../testing/postgres.ts';

let pool: BankPool;
let admin: pg.Client;
let ledger: Ledger;
const pushed: OutboxEvent[] = [];

beforeAll(async () => {
  const { ledger: database } = await givenDatabases();
  pool = createDatabase(database.url, { max: 8, name: 'ledger.test' }).pool;
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const handOver = {
    push: (_: string, event: OutboxEvent) => void pushed.push(event),
    drained: async () => {},
    close: async () => {},
  };
  ledger = createLedger({ pool: () => pool, handOver });
});

afterAll(async () => {
  await pool.end();
  await admin.end();
});

function callWith(key: string = randomUUID(), fingerprint = 'same request'): Call {
  return {
    caller: { role: 'teller', userId: 1 },
    idempotency: { scope: 'user:1', key, fingerprint },
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
  };
}

const post = (posting: Posting, call = callWith()) => ledger.post(posting, 'ledger-test', call);

async function givenAccount(
  balance: bigint,
  more: { overdraftLimitMinor?: bigint; currency?: 'USD' | 'JPY' } = {},
): Promise<number> {
  const { facts } = await post({
    type: 'opening',
    userId: 7,
    accountType: 'checking',
    overdraftLimitMinor: 0n,
    currency: 'USD',
    amountMinor: balance,
    ...more,
  });
  return facts.account_id;
}

const usd = { currency: 'USD' } as const;

async function balanceOf(accountId: number): Promise<bigint> {
  const { rows } = await pool.query<{ balance_minor: bigint }>('SELECT balance_minor FROM account WHERE id = $1', [
    accountId,
  ]);
  return rows[0]!.balance_minor;
}

test('a deposit has two entries that sum to zero, and one event with the same facts', async () => {
  const accountId = await givenAccount(100_000n);
  const { facts, event, replayed } = await post({ type: 'deposit', accountId, amountMinor: 50_000n, ...usd });

  expect(facts).toMatchObject({ type: 'deposit', account_id: accountId, amount: 500, currency: 'USD' });
  expect(facts.entries).toEqual([
    { account_id: -840, user_id: null, amount: -500, balance_after: null, version: null },
    { account_id: accountId, user_id: 7, amount: 500, balance_after: 1500, version: 2 },
  ]);
  expect(event).toMatchObject({
    type: 'com.microbank.transaction.completed',
    source: '/microbank/ledger-test',
    partitionkey: String(accountId),
    sequence: '00000000000000000002',
    data: facts,
  });
  expect(replayed).toBe(false);
  expect(pushed.at(-1)).toEqual(event);
  const { rows } = await pool.query('SELECT type, data FROM outbox WHERE id = $1', [event.id]);
  expect(rows).toEqual([{ type: event.type, data: facts }]);
});

test('a withdrawal down to the overdraft limit passes, a cent more is refused and changes nothing', async () => {
  const accountId = await givenAccount(1_000n, { overdraftLimitMinor: 500n });
  await post({ type: 'withdrawal', accountId, amountMinor: 1_500n, ...usd });
  const events = pushed.length;

  const refused = post({ type: 'withdrawal', accountId, amountMinor: 1n, ...usd });
  await expect(refused).rejects.toMatchObject({ code: 'insufficient_funds', status: 422 });
  expect(await balanceOf(accountId)).toBe(-500n);
  expect(pushed).toHaveLength(events);
});

test.each([
  ['a deposit', { type: 'deposit' } as const],
  ['a withdrawal', { type: 'withdrawal' } as const],
])('%s on an account that does not exist is refused', async (_name, { type }) => {
  const refused = post({ type, accountId: 999_999, amountMinor: 1n, ...usd });
  await expect(refused).rejects.toMatchObject({ code: 'account_not_found', status: 404 });
});

test('a transfer between currencies is refused', async () => {
  const [from, to] = [await givenAccount(100n), await givenAccount(100n, { currency: 'JPY' })];
  const refused = post({ type: 'transfer', accountId: from, targetAccountId: to, amountMinor: 1n, ...usd });
  await expect(refused).rejects.toMatchObject({ code: 'payee_cannot_receive' });
});

test('a reversal swaps the entries, once', async () => {
  const [from, to] = [await givenAccount(500n), await givenAccount(0n)];
  const { facts } = await post({ type: 'transfer', accountId: from, targetAccountId: to, amountMinor: 200n, ...usd });

  const reversal = await post({ type: 'reversal', reverses: facts.transaction_id });
  expect(reversal.facts).toMatchObject({
    type: 'reversal',
    reverses: facts.transaction_id,
    account_id: from,
    target_account_id: to,
  });
  expect([await balanceOf(from), await balanceOf(to)]).toEqual([500n, 0n]);

  const again = post({ type: 'reversal', reverses: facts.transaction_id });
  await expect(again).rejects.toMatchObject({ code: 'already_reversed', status: 409 });
  const ofReversal = post({ type: 'reversal', reverses: reversal.facts.transaction_id });
  await expect(ofReversal).rejects.toMatchObject({ code: 'not_reversible' });
});

test('20 reversals of one transaction at once: one is booked', async () => {
  const accountId = await givenAccount(0n);
  const { facts } = await post({ type: 'deposit', accountId, amountMinor: 100n, ...usd });
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => post({ type: 'reversal', reverses: facts.transaction_id })),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await balanceOf(accountId)).toBe(0n);
});

test('a deposit that was spent cannot be reversed', async () => {
  const accountId = await givenAccount(0n);
  const { facts } = await post({ type: 'deposit', accountId, amountMinor: 100n, ...usd });
  await post({ type: 'withdrawal', accountId, amountMinor: 60n, ...usd });
  await expect(post({ type: 'reversal', reverses: facts.transaction_id })).rejects.toMatchObject({
    code: 'insufficient_funds',
  });
});

test('closing needs a balance of zero and ends the account', async () => {
  const accountId = await givenAccount(5n);
  await expect(post({ type: 'closing', accountId, ...usd })).rejects.toMatchObject({
    code: 'account_not_empty',
    status: 409,
  });
  await post({ type: 'withdrawal', accountId, amountMinor: 5n, ...usd });
  const { event } = await post({ type: 'closing', accountId, ...usd });
  expect(event.type).toBe('com.microbank.account.closed');
  await expect(post({ type: 'deposit', accountId, amountMinor: 1n, ...usd })).rejects.toMatchObject({
    code: 'account_closed',
  });
});

test('a key gives the stored answer again, also a refusal that would pass by now', async () => {
  const accountId = await givenAccount(0n);
  const deposit: Posting = { type: 'deposit', accountId, amountMinor: 100n, ...usd };
  const first = await post(deposit, callWith('key one'));
  expect(await post(deposit, callWith('key one'))).toEqual({ ...first, replayed: true });
  await expect(post(deposit, callWith('key one', 'another request'))).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });

  const withdrawal: Posting = { type: 'withdrawal', accountId, amountMinor: 101n, ...usd };
  await expect(post(withdrawal, callWith('key two'))).rejects.toMatchObject({ code: 'insufficient_funds' });
  await post(deposit);
  await expect(post(withdrawal, callWith('key two'))).rejects.toMatchObject({ code: 'insufficient_funds' });
  expect(await balanceOf(accountId)).toBe(200n);
});

test('a command that came as an event is refused with an event, recorded once', async () => {
  const accountId = await givenAccount(0n);
  const call: Call = { ...callWith('event 1'), channel: 'event', eventSource: '/branches/12' };
  const withdrawal: Posting = { type: 'withdrawal', accountId, amountMinor: 1n, ...usd };
  const refusal: unknown = await post(withdrawal, call).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Refusal);

  const { event } = await ledger.recordRefusal(refusal as Refusal, 'ledger-test', call);
  expect(event).toMatchObject({
    type: 'com.microbank.transaction.refused',
    data: {
      command_source: '/branches/12',
      command_id: 'event 1',
      code: 'insufficient_funds',
      account_id: accountId,
      type: 'withdrawal',
    },
  });
  const { rows } = await pool.query(`SELECT count(*)::int AS n FROM outbox WHERE data ->> 'command_id' = 'event 1'`);
  expect(rows).toEqual([{ n: 1 }]);
});

test('one posting that breaks does not fail the others of its group', async () => {
  const accountId = await givenAccount(0n);
  const broken = post({ type: 'deposit', accountId, amountMinor: 10n ** 30n, ...usd });
  const fine = Array.from({ length: 5 }, () => post({ type: 'deposit', accountId, amountMinor: 1n, ...usd }));
  await expect(broken).rejects.toThrow(/out of range/);
  await Promise.all(fine);
  expect(await balanceOf(accountId)).toBe(5n);
});

test('a balance stops where JSON numbers stop being exact', async () => {
  const accountId = await givenAccount(999_999_999_999_999n);
  await expect(post({ type: 'deposit', accountId, amountMinor: 1n, ...usd })).rejects.toMatchObject({
    code: 'balance_limit_exceeded',
  });
});

test.each([
  ['insert an entry', `INSERT INTO entry VALUES (1, 1, 'USD', 1, 1, 1, now())`],
  ['change an entry', 'UPDATE entry SET amount_minor = 1'],
  ['delete an entry', 'DELETE FROM entry'],
  ['change a transaction', `UPDATE transaction SET description = 'x'`],
  ['delete a transaction', 'DELETE FROM transaction'],
  ['set a balance', 'UPDATE account SET balance_minor = 1000000000'],
  ['open an account by hand', `INSERT INTO account (user_id, account_type, currency) VALUES (1, 'checking', 'USD')`],
  ['delete an event', 'DELETE FROM outbox'],
  ['forget a key', 'DELETE FROM idempotency_key'],
  ['call what post() is made of', `SELECT refusal('a', 1, 'b')`],
])('the application role cannot %s', async (_what, statement) => {
  await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' });
});

test.each([
  ['change an entry', 'UPDATE entry SET amount_minor = amount_minor'],
  ['delete an entry', 'DELETE FROM entry WHERE false'],
  ['empty the entries', 'TRUNCATE entry'],
  ['change a transaction', 'UPDATE transaction SET amount_minor = amount_minor'],
  ['delete an account', 'DELETE FROM account WHERE false'],
])('not even the owner can %s', async (_what, statement) => {
  await expect(admin.query(statement)).rejects.toMatchObject({ code: '23000' });
});

test('the database refuses entries that do not sum to zero, and entries of a foreign currency', async () => {
  const accountId = await givenAccount(1n);
  const addEntries = (cashMinor: number, currency: string) =>
    admin.query(
      `WITH t AS (
         INSERT INTO transaction (type, account_id, amount_minor, currency, trace_id, booked_at, effective_at)
           VALUES ('deposit', $1, 5, 'USD', 'trace', now(), now()) RETURNING id
       )
       INSERT INTO entry (account_id, transaction_id, currency, amount_minor, balance_after_minor, version, booked_at)
         SELECT side.account_id, t.id, $2, side.amount_minor, side.balance_after_minor, side.version, now()
         FROM t, (VALUES (-840, $3::bigint, NULL::bigint, NULL::bigint), ($1::bigint, 5, 6, 2))
           side (account_id, amount_minor, balance_after_minor, version)`,
      [accountId, currency, cashMinor],
    );
  await expect(addEntries(-4, 'USD')).rejects.toMatchObject({
    code: '23514',
    message: expect.stringContaining('zero'),
  });
  await expect(addEntries(-5, 'EUR')).rejects.toMatchObject({ code: '23503' });
  await addEntries(-5, 'USD');
});

test('an account under its limit cannot be stored, whoever writes', async () => {
  const accountId = await givenAccount(1n);
  const statement = admin.query('UPDATE account SET balance_minor = -1 WHERE id = $1', [accountId]);
  await expect(statement).rejects.toMatchObject({ constraint: 'no_account_under_its_limit' });
});

test('the currencies of the database are those of the code', async () => {
  const { rows } = await pool.query<{ code: string; digits: number }>('SELECT code, digits FROM currency');
  expect(Object.fromEntries(rows.map(({ code, digits }) => [code, digits]))).toEqual(currencyDigits);
});

test('a group waits for nobody else when opposite transfers cross', async () => {
  const [a, b] = [await givenAccount(10_000n), await givenAccount(10_000n)];
  const transfers = Array.from({ length: 200 }, (_, i) =>
    post({ type: 'transfer', accountId: i % 2 ? a : b, targetAccountId: i % 2 ? b : a, amountMinor: 1n, ...usd }),
  );
  await Promise.all(transfers);
  expect([await balanceOf(a), await balanceOf(b)]).toEqual([10_000n, 10_000n]);
  const { rows } = await admin.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(rows[0]!.deadlocks).toBe('0');
});
