// Who is no teller any more asks the ledger in vain: at once, whatever their token says, and whatever runs at the same moment.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type BankPool } from '../database/pool.ts';
import type { Call } from '../handler/call.ts';
import { givenDatabases } from '../testing/postgres.ts';
import { changeAccount } from './change-account.ts';
import { createLedger, type Ledger } from './post.ts';
import type { Posted, Posting } from './posting.ts';

let pools: BankPool[];
/** Two copies of a function, which share nothing but the database. */
let ledgers: Ledger[];

beforeAll(async () => {
  const { ledger } = await givenDatabases();
  pools = [1, 2].map(() => createDatabase(ledger.url, { max: 8, name: 'dismiss-teller.test' }).pool);
  const handOver = { push: () => {}, drained: async () => {}, close: async () => {} };
  ledgers = pools.map((pool) => createLedger({ pool: () => pool, handOver, cashDesk: { dailyLimitMinor: undefined } }));
});
afterAll(() => Promise.all(pools.map((pool) => pool.end())));

function callOf(userId: number, role: 'teller' | 'customer' = 'teller'): Call {
  return {
    caller: { role, userId },
    idempotency: { scope: `user:${userId}`, key: randomUUID(), fingerprint: 'same request' },
    channel: 'http',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    token: undefined,
    sessionId: '0198c5a0-0000-7000-8000-000000000009',
    userAgent: '',
    renewalCookie: undefined,
    deviceCookie: undefined,
    address: '127.0.0.1',
    accept: 'application/json',
    after: undefined,
    lastEventId: undefined,
    signal: new AbortController().signal,
  };
}

const usd = { currency: 'USD' } as const;
const honest = 1;
const post = (posting: Posting, call = callOf(honest), copy = 0): Promise<Posted> =>
  ledgers[copy]!.post(posting, 'test', call);

async function givenAccount(balance = 1_000n, userId = 7): Promise<number> {
  const opening = { type: 'opening', userId, accountType: 'checking', overdraftLimitMinor: 0n, ...usd } as const;
  return (await post({ ...opening, amountMinor: balance })).facts.account_id;
}
const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'done',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
async function auditOf(actor: number) {
  const { rows } = await pools[0]!.query<{ act: string; subject: string; session_id: string; details: object }>(
    'SELECT act, subject, session_id, details FROM audit_entry WHERE actor_id = $1 ORDER BY at, id',
    [actor],
  );
  return rows;
}

test('a dismissed teller reverses, pays, opens, closes, freezes and allows nothing, and each try is written down', async () => {
  const teller = 20;
  const account = await givenAccount();
  const deposit = await post({ type: 'deposit', accountId: account, amountMinor: 5n, ...usd });
  await ledgers[1]!.dismissTeller(teller, true);
  const money = { accountId: account, amountMinor: 1n, ...usd };
  const asked: Posting[] = [
    { type: 'reversal', reverses: deposit.facts.transaction_id },
    { type: 'deposit', ...money },
    { type: 'withdrawal', ...money },
    { type: 'transfer', ...money, targetAccountId: account },
    { type: 'opening', userId: 8, accountType: 'checking', overdraftLimitMinor: 0n, ...usd, amountMinor: 0n },
    { type: 'closing', accountId: account, ...usd },
  ];
  for (const posting of asked) expect(await codeOf(post(posting, callOf(teller))), posting.type).toBe('forbidden');
  for (const change of [{ type: 'freezing' }, { type: 'overdraft', overdraftLimitMinor: 5n }] as const) {
    const changed = changeAccount(pools[0]!, { ...change, accountId: account, reason: 'mine' }, callOf(teller));
    expect(await codeOf(changed), change.type).toBe('forbidden');
  }
  const written = await auditOf(teller);
  expect(
    written.map(({ act, subject, details }) => [act, subject, (details as { asked_for: string }).asked_for]),
  ).toEqual([
    ['teller.refused', `transactions/${deposit.facts.transaction_id}`, 'reversal'],
    ['teller.refused', `accounts/${account}`, 'deposit'],
    ['teller.refused', `accounts/${account}`, 'withdrawal'],
    ['teller.refused', `accounts/${account}`, 'transfer'],
    ['teller.refused', 'users/8', 'opening'],
    ['teller.refused', `accounts/${account}`, 'closing'],
    ['teller.refused', `accounts/${account}`, 'freezing'],
    ['teller.refused', `accounts/${account}`, 'overdraft'],
  ]);
  expect(written[0]?.session_id).toBe('0198c5a0-0000-7000-8000-000000000009');
});

test('a teller among others in one group is refused alone', async () => {
  const account = await givenAccount();
  await ledgers[0]!.dismissTeller(21, true);
  const deposit = { type: 'deposit', accountId: account, amountMinor: 1n, ...usd } as const;
  expect(await Promise.all([1, 21, 2, 21].map((id) => codeOf(post(deposit, callOf(id)))))).toEqual([
    'done',
    'forbidden',
    'done',
    'forbidden',
  ]);
});

test('who is dismissed stays a customer, and who is a teller again may all of it again', async () => {
  const account = await givenAccount(0n, 22);
  const deposit = { type: 'deposit', accountId: account, amountMinor: 1n, ...usd } as const;
  await ledgers[0]!.dismissTeller(22, true);
  await ledgers[0]!.dismissTeller(22, true);
  expect(await codeOf(post(deposit, callOf(22, 'customer')))).toBe('done');
  expect(await codeOf(post(deposit, callOf(22)))).toBe('forbidden');
  await ledgers[1]!.dismissTeller(22, false);
  await ledgers[1]!.dismissTeller(22, false);
  expect(await codeOf(post(deposit, callOf(22)))).toBe('done');
});

test('a user who was released is no teller, for ever', async () => {
  const account = await givenAccount();
  expect(await ledgers[0]!.releaseUser(23)).toBe(0);
  await ledgers[0]!.dismissTeller(23, false);
  expect(await codeOf(post({ type: 'deposit', accountId: account, amountMinor: 1n, ...usd }, callOf(23)))).toBe(
    'forbidden',
  );
});

test('of reversals and a dismissal that meet, those that pass have passed by the time the dismissal is answered', async () => {
  const outcomes = new Set<string>();
  const account = await givenAccount();
  for (let teller = 100; teller < 140; teller++) {
    const deposits = await Promise.all(
      [0, 1, 2].map(() => post({ type: 'deposit', accountId: account, amountMinor: 1n, ...usd })),
    );
    // From the dismissal 20 ms ahead to the reversals 20 ms ahead.
    const aheadMs = (teller % 9) * 5 - 20;
    let isDismissed = false;
    const afterwards: string[] = [];
    const dismissal = sleep(Math.max(0, aheadMs))
      .then(() => ledgers[1]!.dismissTeller(teller, true))
      .then(() => (isDismissed = true));
    const reversals = deposits.map(async ({ facts }, i) => {
      await sleep(Math.max(0, -aheadMs) + i);
      const askedAfter = isDismissed;
      const code = await codeOf(post({ type: 'reversal', reverses: facts.transaction_id }, callOf(teller), i % 2));
      if (askedAfter) afterwards.push(code);
      return code;
    });
    await dismissal;
    const { rows } = await pools[0]!.query<{ n: bigint }>(
      `SELECT count(*) AS n FROM transaction WHERE type = 'reversal' AND requested_by = $1`,
      [teller],
    );
    const codes = await Promise.all(reversals);
    const passed = codes.filter((code) => code === 'done').length;
    expect(Number(rows[0]!.n), `teller ${teller}: ${codes.join()}`).toBe(passed);
    expect(new Set(afterwards)).toEqual(new Set(afterwards.length > 0 ? ['forbidden'] : []));
    codes.forEach((code) => outcomes.add(code));
  }
  expect([...outcomes].sort(), 'saw both sides win').toEqual(['done', 'forbidden']);
});

test('opposite groups of tellers who are opened accounts, dismissed and at work wait for nobody in a circle', async () => {
  const people = Array.from({ length: 20 }, (_, i) => 300 + i);
  const opening = {
    type: 'opening',
    accountType: 'checking',
    overdraftLimitMinor: 0n,
    ...usd,
    amountMinor: 0n,
  } as const;
  const work = [0, 1].flatMap((copy) =>
    (copy ? people.toReversed() : people).flatMap((userId, i) => [
      // For themselves, as tellers: their own lock is wanted both ways.
      post({ ...opening, userId }, callOf(userId), copy),
      post({ ...opening, userId }, callOf(people[(i + 1) % 20]!), copy),
      ledgers[copy]!.dismissTeller(userId, i % 2 === 0),
    ]),
  );
  const codes = await Promise.all(work.map(codeOf));
  expect(codes.filter((code) => code !== 'done' && code !== 'forbidden')).toEqual([]);
  const { rows } = await pools[0]!.query<{ deadlocks: bigint }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(rows[0]!.deadlocks).toBe(0n);
});

test.each([
  ['dismiss by hand', 'INSERT INTO dismissed_teller VALUES (1)'],
  ['take a dismissal back by hand', 'DELETE FROM dismissed_teller'],
  [
    'write into the audit trail',
    `INSERT INTO audit_entry (act, actor_role, subject, trace_id) VALUES ('a.b', 'anonymous', 'x', '')`,
  ],
])('the application role cannot %s', async (_what, statement) => {
  await expect(pools[0]!.query(statement)).rejects.toMatchObject({ code: '42501' });
});
