// notify on real Postgres: one effect per event, whatever the broker does, and ids that streams can resume by.
import { afterAll, beforeEach, expect, test } from 'vitest';
import { accountClosed } from '../../eventing/events/account-closed.ts';
import { accountOpened } from '../../eventing/events/account-opened.ts';
import { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import { createDatabase } from '../shared/database/pool.ts';
import type { IncomingEvent } from '../shared/handler/event.ts';
import type { NotificationsSchema } from '../shared/database/notifications-schema.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { createApplyEvent } from './apply-events.ts';
import { notify } from './notify.ts';

const applyOne = `select apply_events(jsonb_build_array(
  jsonb_build_object('source', $1::text, 'id', $2::text, 'notifications', $3::jsonb)))`;

const { notifications } = await givenDatabases();
const { pool, db } = createDatabase<NotificationsSchema>(notifications.url, { max: 10, name: 'notify.test' });
const apply = createApplyEvent(() => pool);
const owner = createDatabase<NotificationsSchema>(notifications.adminUrl, { max: 1, name: 'notify.test owner' });
afterAll(() => Promise.all([pool.end(), owner.pool.end()]));
beforeEach(async () => {
  await owner.pool.query('truncate notification, inbox restart identity');
});

function event(changes: Partial<IncomingEvent> = {}): IncomingEvent {
  return {
    id: '0198c5a0-0000-7000-8000-000000000001',
    source: '/microbank/deposit',
    type: transactionCompleted.type,
    subject: 'transactions/2',
    time: '2026-11-22T10:17:00.000Z',
    data: transactionCompleted.example,
    traceparent: undefined,
    extensions: {},
    ...changes,
  };
}

const told = () => db.selectFrom('notification').selectAll().orderBy('id').execute();
const applied = () => db.selectFrom('inbox').select(['source', 'id']).execute();

test('a completed deposit is told to its customer in the words of the original system', async () => {
  await notify(apply, event());

  expect(await told()).toEqual([
    {
      id: 1n,
      user_id: 1n,
      kind: 'deposit',
      message: 'Deposit of $500.00 completed. New balance: $1500.00',
      transaction_id: 2n,
      account_id: 7n,
      amount_minor: 50_000n,
      currency: 'USD',
      balance_after_minor: 150_000n,
      counterparty_account_id: null,
      reverses: null,
      account_type: null,
      event_source: '/microbank/deposit',
      event_id: '0198c5a0-0000-7000-8000-000000000001',
      created_at: expect.any(Date) as Date,
      booked_at: new Date('2026-11-22T10:17:00.000Z'),
      read_at: null,
    },
  ]);
});

test('opening and closing an account are told', async () => {
  await notify(apply, event({ id: 'opened', type: accountOpened.type, data: accountOpened.example }));
  await notify(apply, event({ id: 'closed', type: accountClosed.type, data: accountClosed.example }));

  expect((await told()).map((row) => [row.kind, row.message, row.account_type, row.balance_after_minor])).toEqual([
    ['account_opened', 'Account 7 (checking) opened. New balance: $1000.00', 'checking', 100_000n],
    ['account_closed', 'Account 7 closed', 'checking', 0n],
  ]);
});

test('the same event twenty times at once notifies once, and every delivery succeeds', async () => {
  await Promise.all(Array.from({ length: 20 }, () => notify(apply, event())));
  await notify(apply, event());

  expect(await told()).toHaveLength(1);
  expect(await applied()).toHaveLength(1);
});

test('the same id from another source is another event', async () => {
  await notify(apply, event());
  await notify(apply, event({ source: '/microbank/withdraw' }));

  expect(await told()).toHaveLength(2);
});

test('an event that concerns no customer is applied and told to nobody', async () => {
  const data = { ...transactionCompleted.example, entries: transactionCompleted.example.entries.map(toSystemEntry) };
  await notify(apply, event({ data }));

  expect(await told()).toEqual([]);
  expect(await applied()).toHaveLength(1);
});

test('a field that a later producer adds to an event disturbs nobody', async () => {
  await notify(apply, event({ data: { ...transactionCompleted.example, channel: 'branch' } }));
  expect(await told()).toHaveLength(1);
});

test('events that arrive together share commits, and one that Postgres refuses does not hold up the others', async () => {
  const bad = { ...accountOpened.example, account_type: 'x'.repeat(600) };
  const results = await Promise.allSettled([
    ...Array.from({ length: 30 }, (_, i) => notify(apply, event({ id: `good ${i}` }))),
    notify(apply, event({ id: 'bad', type: accountOpened.type, data: bad })),
  ]);
  expect(results.map(({ status }) => status)).toEqual([...Array<string>(30).fill('fulfilled'), 'rejected']);
  expect(await told()).toHaveLength(30);

  await Promise.all(Array.from({ length: 30 }, (_, i) => notify(apply, event({ id: `together ${i}` }))));
  const { rows } = await owner.pool.query(
    "select count(distinct xmin::text)::int as n from inbox where id like 'together %'",
  );
  expect(rows[0].n).toBeLessThan(30);
});

test("one person's ids become visible in increasing order, although their transactions overlap", async () => {
  const first = await pool.connect();
  try {
    await first.query('begin');
    await first.query(applyOne, ['/first', '1', about(1)]);

    // Had this one committed first, a stream that read it would never look at the smaller id again.
    let isSecondDone = false;
    const second = notify(apply, event({ id: 'second' })).then(() => (isSecondDone = true));
    await pool.query(applyOne, ['/other', '1', about(2)]);
    await waitUntilLocked();
    expect(isSecondDone).toBe(false);
    expect((await told()).map((row) => row.user_id)).toEqual([2n]);

    await first.query('commit');
    await second;
    const ofPerson = (await told()).filter((row) => row.user_id === 1n);
    expect(ofPerson.map((row) => row.event_id)).toEqual(['1', 'second']);
  } finally {
    first.release(true);
  }
});

test('opposite transfers between two people are both told, many at once', async () => {
  const transfer = (payer: number, payee: number) =>
    JSON.stringify([...JSON.parse(about(payer)), ...JSON.parse(about(payee))]);
  await Promise.all(
    Array.from({ length: 40 }, (_, i) =>
      pool.query(applyOne, ['/transfer', String(i), i % 2 ? transfer(1, 2) : transfer(2, 1)]),
    ),
  );
  expect(await told()).toHaveLength(80);
});

test('the application role can neither rewrite what was told nor forget what was applied', async () => {
  await notify(apply, event());
  for (const forbidden of [
    `update notification set message = 'x'`,
    'delete from inbox',
    `update inbox set id = 'x'`,
    'truncate notification',
  ]) {
    await expect(pool.query(forbidden)).rejects.toThrow('permission denied');
  }
});

function about(userId: number): string {
  return JSON.stringify([{ user_id: userId, kind: 'deposit', message: 'Deposit', transaction_id: 1, account_id: 1 }]);
}

function toSystemEntry<T extends object>(
  entry: T,
): T & { account_id: number; user_id: null; balance_after: null; version: null } {
  return { ...entry, account_id: -840, user_id: null, balance_after: null, version: null };
}

async function waitUntilLocked(): Promise<void> {
  await expect
    .poll(
      async () => (await owner.pool.query(`select from pg_locks where locktype = 'advisory' and not granted`)).rowCount,
    )
    .toBe(1);
}
