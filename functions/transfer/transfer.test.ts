// What a payer can learn of somebody else's account: nothing that a transfer does not cost, and not from what the bank did either.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from '../shared/contract/account.ts';
import { toSqlPosting } from '../shared/ledger/posting.ts';
import { startBank, type Answer, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

let bank: TestBank;
let admin: pg.Client;
let teller: string;
let alice: string;
let from: number;

beforeAll(async () => {
  const databases = await givenDatabases();
  const functions = [
    'open-account',
    'close-account',
    'deposit',
    'transfer',
    'post-transaction',
    'freeze-account',
    'read-accounts',
  ];
  bank = await startBank({ databases, functions });
  admin = new pg.Client({ connectionString: databases.ledger.adminUrl });
  await admin.connect();
  teller = await bank.tokenFor({ userId: 1, role: 'teller' });
  alice = await bank.tokenFor({ userId: 7 });
  from = await givenAccount(7, { balance: 100 });
});
afterAll(() => admin.end());

async function givenAccount(userId: number, more: object = {}): Promise<number> {
  const token = await bank.tokenFor({ userId });
  const body = { user_id: userId, account_type: 'checking', ...more };
  return (await bank.request<Account>('POST', '/accounts', { token, body })).body.id;
}
const transfer = (target_account_id: number, amount: number, token = alice): Promise<Answer<{ code?: string }>> =>
  bank.request('POST', '/transfers', { token, body: { account_id: from, target_account_id, amount } });

/** Accounts of somebody else that cannot receive 1.00, and one that is not there. */
async function givenPayees(): Promise<Record<string, number>> {
  const closed = await givenAccount(8);
  await bank.request('DELETE', `/accounts/${closed}`, { token: teller });
  return {
    unknown: 999_999,
    closed,
    full: await givenAccount(8, { balance: '9999999999999.99' }),
    'in yen': await givenAccount(8, { currency: 'JPY' }),
  };
}

test('whatever keeps a payee from receiving is told in the same words, by either door', async () => {
  const told = new Set<string>();
  for (const [what, id] of Object.entries(await givenPayees())) {
    for (const [path, type] of [
      ['/transfers', {}],
      ['/transactions', { type: 'transfer' }],
    ] as const) {
      const body = { account_id: from, target_account_id: id, amount: 1, ...type };
      const answer = await bank.request<Record<string, unknown>>('POST', path, { token: alice, body });
      const problem = JSON.stringify({ ...answer.body, trace_id: '' });
      told.add(`${answer.status} ${problem.replaceAll(`account ${id} `, 'account ID ')}`);
      expect(answer.body['code'], what).toBe('payee_cannot_receive');
    }
  }
  expect(told.size).toBe(1);
});

test('who cannot pay is told so, whoever the payee is: nothing is learnt for free', async () => {
  const payees = { ...(await givenPayees()), fine: await givenAccount(8) };
  for (const [what, id] of Object.entries(payees)) {
    const { status, body } = await transfer(id, 100.01);
    expect([status, body.code], what).toEqual([422, 'insufficient_funds']);
  }
});

test('a balance cannot be found by halving amounts', async () => {
  // All but 7313.37 of what an account can hold: a transfer of more would have told, by another refusal, how much is there.
  const secret = await givenAccount(8, { balance: '9999999992686.62' });
  const codes = new Set<string>();
  for (const amount of [99, 64, 32, 16]) codes.add((await transfer(secret, amount)).body.code ?? 'paid');
  expect([...codes]).toEqual(['paid', 'insufficient_funds']);
});

test('a frozen payee receives', async () => {
  const [payer, frozen] = [await givenAccount(7, { balance: 5 }), await givenAccount(8)];
  await bank.request('POST', `/accounts/${frozen}/freeze`, { token: teller, body: { reason: 'Stolen' } });
  const body = { account_id: payer, target_account_id: frozen, amount: 1 };
  expect((await bank.request('POST', '/transfers', { token: alice, body })).status).toBe(201);
});

test('refused transfers do the same work whatever the payee: as many look-ups and as many rows written', async () => {
  const work: Record<string, Work> = {};
  const payees = await givenPayees();
  for (const [what, id] of Object.entries(payees)) work[what] = await workOf(id);
  const { unknown, ...others } = work;
  expect(unknown).toMatchObject({ idempotency_key: { written: 1 }, transaction: { written: 0 } });
  // But for the row of an account that is not there.
  expect(others).toEqual(Object.fromEntries(Object.keys(others).map((what) => [what, unknown])));
  // To oneself it is one account less to find.
  const { account, ...rest } = await workOf(from);
  const { account: ofUnknown, ...restOfUnknown } = unknown!;
  expect(rest).toEqual(restOfUnknown);
  expect(account!.written).toBe(ofUnknown!.written);
});

type Work = Record<string, { looked: number; written: number }>;

/** Index scans and rows written by table, of post() with this transfer: both refused and rolled back. */
async function workOf(target: number): Promise<Work> {
  const call = {
    caller: { role: 'customer', userId: 7 },
    sessionId: undefined,
    idempotency: { scope: 'user:7', key: randomUUID(), fingerprint: '' },
    channel: 'http',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  } as const;
  const money = { accountId: from, targetAccountId: target, amountMinor: 100n, currency: 'USD' } as const;
  const posting = toSqlPosting({ type: 'transfer', ...money }, '/microbank/transfer', call, undefined);
  await admin.query('BEGIN');
  const before = await countsOf();
  const { rows } = await admin.query<{ answer: { code: string } }>('SELECT post($1::jsonb) -> 0 AS answer', [
    JSON.stringify([posting]),
  ]);
  const after = await countsOf();
  await admin.query('ROLLBACK');
  expect(['payee_cannot_receive', 'same_account']).toContain(rows[0]?.answer.code);
  return Object.fromEntries(
    Object.entries(after).map(([table, { looked, written }]) => {
      const { looked: lookedBefore, written: writtenBefore } = before[table]!;
      return [table, { looked: looked - lookedBefore, written: written - writtenBefore }];
    }),
  );
}

/** Of this connection; what it has not reported yet of earlier transactions is in it. */
async function countsOf(): Promise<Work> {
  const { rows } = await admin.query<{ relname: string; looked: number; written: number }>(
    `SELECT relname, (coalesce(idx_scan, 0) + seq_scan)::int AS looked, (n_tup_ins + n_tup_upd + n_tup_del)::int AS written
     FROM pg_stat_xact_user_tables ORDER BY relname`,
  );
  return Object.fromEntries(rows.map(({ relname, looked, written }) => [relname, { looked, written }]));
}
