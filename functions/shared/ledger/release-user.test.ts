// The release of a user on a real database: only without open accounts, and no opening gets past it.
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type BankPool } from '../database/pool.ts';
import type { Call } from '../handler/call.ts';
import { createLedger, type Ledger } from './post.ts';
import type { Posted } from './posting.ts';
import { givenDatabases } from '../testing/postgres.ts';

let pools: BankPool[];
/** Two copies of a function, which share nothing but the database. */
let ledgers: Ledger[];

beforeAll(async () => {
  const { ledger } = await givenDatabases();
  pools = [1, 2].map(() => createDatabase(ledger.url, { max: 8, name: 'release-user.test' }).pool);
  const handOver = { push: () => {}, drained: async () => {}, close: async () => {} };
  ledgers = pools.map((pool) => createLedger({ pool: () => pool, handOver }));
});
afterAll(() => Promise.all(pools.map((pool) => pool.end())));

function call(): Call {
  return {
    caller: { role: 'teller', userId: 1 },
    idempotency: { scope: 'user:1', key: randomUUID(), fingerprint: 'same request' },
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

function open(userId: number, copy = 0): Promise<Posted> {
  const none = { overdraftLimitMinor: 0n, amountMinor: 0n };
  return ledgers[copy]!.post(
    { type: 'opening', userId, accountType: 'checking', currency: 'USD', ...none },
    'test',
    call(),
  );
}
function close(accountId: number): Promise<Posted> {
  return ledgers[0]!.post({ type: 'closing', accountId, currency: 'USD' }, 'test', call());
}
async function openAccounts(userId: number): Promise<number> {
  const open = 'SELECT FROM account WHERE user_id = $1 AND closed_at IS NULL';
  return (await pools[0]!.query(open, [userId])).rowCount ?? 0;
}

test('a user with open accounts is not released: the answer is their number, and more can be opened', async () => {
  const [one, two] = [await open(11), await open(11)];
  expect(await ledgers[0]!.releaseUser(11)).toBe(2);
  await close(one.facts.account_id);
  expect(await ledgers[0]!.releaseUser(11)).toBe(1);
  const three = await open(11);

  await close(two.facts.account_id);
  await close(three.facts.account_id);
  expect([await ledgers[0]!.releaseUser(11), await ledgers[1]!.releaseUser(11)]).toEqual([0, 0]);
  await expect(open(11)).rejects.toMatchObject({
    code: 'user_not_found',
    status: 404,
    errors: [{ pointer: '/user_id', detail: 'there is no user 11, or it is not yours' }],
  });
  expect(await openAccounts(11)).toBe(0);
});

test('a refused opening is no account, and its neighbours are opened', async () => {
  await ledgers[0]!.releaseUser(21);
  const results = await Promise.allSettled([open(22), open(21), open(23), open(21)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  expect(await Promise.all([21, 22, 23].map(openAccounts))).toEqual([0, 1, 1]);
});

test('of openings and a release that meet, either the release sees an account or no opening passes', async () => {
  const outcomes = new Set<string>();
  for (let user = 100; user < 160; user++) {
    // From the release 20 ms ahead to the openings 20 ms ahead: with one start for both, a busy machine lets the same side win each time.
    const openingsAheadMs = (user % 9) * 5 - 20;
    const [released, ...opened] = await Promise.all([
      sleep(Math.max(0, openingsAheadMs)).then(() => ledgers[1]!.releaseUser(user)),
      ...[0, 1, 0].map((copy) =>
        sleep(Math.max(0, -openingsAheadMs)).then(() =>
          open(user, copy).then(
            () => true,
            () => false,
          ),
        ),
      ),
    ]);
    const count = opened.filter(Boolean).length;
    expect(await openAccounts(user)).toBe(count);
    expect(count === 0, `user ${user}: ${released} seen, ${count} opened`).toBe(released === 0);
    outcomes.add(released === 0 ? 'released' : 'kept');
  }
  expect(outcomes.size, `only saw ${[...outcomes].join()}`).toBe(2);
});

test('opposite groups of openings and releases wait for nobody in a circle', async () => {
  const people = Array.from({ length: 20 }, (_, i) => 300 + i);
  const work = [0, 1].flatMap((copy) =>
    (copy ? people.toReversed() : people).flatMap((user) => [open(user, copy), ledgers[copy]!.releaseUser(user)]),
  );
  await Promise.allSettled(work);
  const { rows } = await pools[0]!.query<{ deadlocks: bigint }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(rows[0]!.deadlocks).toBe(0n);
});

test.each([
  ['release a user by hand', 'INSERT INTO released_user VALUES (1)'],
  ['take a release back', 'DELETE FROM released_user'],
  ['call what release_user() is made of', 'SELECT user_lock(1)'],
])('the application role cannot %s', async (_what, statement) => {
  await expect(pools[0]!.query(statement)).rejects.toMatchObject({ code: '42501' });
});
