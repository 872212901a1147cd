// What the ledger really writes to its outbox is what notify takes, and what customers read.
import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { bankEvents } from '../../eventing/events/bank-events.ts';
import { createDatabase } from '../shared/database/pool.ts';
import { createLedger } from '../shared/ledger/post.ts';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import type { NotificationsSchema } from '../shared/database/notifications-schema.ts';
import type { Posting, TransactionFacts } from '../shared/ledger/posting.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { createApplyEvent } from './apply-events.ts';
import { notify } from './notify.ts';

const databases = await givenDatabases();
const books = createDatabase<LedgerSchema>(databases.ledger.url, { max: 2, name: 'ledger-events.test' });
const notifications = createDatabase<NotificationsSchema>(databases.notifications.url, {
  max: 2,
  name: 'ledger-events.test',
});
afterAll(() => Promise.all([books.pool.end(), notifications.pool.end()]));

const apply = createApplyEvent(() => notifications.pool);
const nowhere = { push: () => undefined, drained: () => Promise.resolve(), close: () => Promise.resolve() };
const ledger = createLedger({ pool: () => books.pool, handOver: nowhere });

async function post(posting: Posting): Promise<TransactionFacts> {
  const posted = await ledger.post(posting, 'post-transaction', {
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
  });
  return posted.facts;
}

const opening = (userId: number, amountMinor: bigint, currency: 'USD' | 'JPY' | 'KWD') =>
  post({ type: 'opening', userId, accountType: 'checking', overdraftLimitMinor: 0n, amountMinor, currency });

test('every event of the ledger keeps its contract and is told in the words of the original system', async () => {
  const { account_id: mine } = await opening(1, 100_000n, 'USD');
  const { account_id: others } = await opening(2, 0n, 'USD');
  const { account_id: yen } = await opening(1, 1500n, 'JPY');
  const { account_id: dinar } = await opening(1, 12_500n, 'KWD');
  const usd = { currency: 'USD' } as const;
  await post({ type: 'deposit', accountId: mine, amountMinor: 50_000n, ...usd });
  await post({ type: 'withdrawal', accountId: mine, amountMinor: 10n, ...usd });
  const { transaction_id } = await post({
    type: 'transfer',
    accountId: mine,
    targetAccountId: others,
    amountMinor: 29n,
    ...usd,
  });
  await post({ type: 'reversal', reverses: transaction_id });
  await post({ type: 'withdrawal', accountId: yen, amountMinor: 1500n, currency: 'JPY' });
  await post({ type: 'closing', accountId: yen, currency: 'JPY' });
  await post({ type: 'deposit', accountId: dinar, amountMinor: 1n, currency: 'KWD' });

  const events = await books.db.selectFrom('outbox').selectAll().orderBy('id').execute();
  expect(events).toHaveLength(11);
  for (const event of events) {
    expect(bankEvents.find(({ type }) => type === event.type)?.data.safeParse(event.data).error).toBeUndefined();
    await notify(apply, { ...event, time: undefined, traceparent: undefined, extensions: {} });
  }

  const told = await notifications.db.selectFrom('notification').select(['user_id', 'message']).orderBy('id').execute();
  expect(told.map(({ user_id, message }) => [Number(user_id), message])).toEqual([
    [1, `Account ${mine} (checking) opened. New balance: $1000.00`],
    [2, `Account ${others} (checking) opened. New balance: $0.00`],
    [1, `Account ${yen} (checking) opened. New balance: JPY 1500`],
    [1, `Account ${dinar} (checking) opened. New balance: KWD 12.500`],
    [1, 'Deposit of $500.00 completed. New balance: $1500.00'],
    [1, 'Withdrawal of $0.10 completed. New balance: $1499.90'],
    [1, `Transfer of $0.29 to account ${others} completed. New balance: $1499.61`],
    [2, `Received transfer of $0.29 from account ${mine}. New balance: $0.29`],
    [2, `Transaction ${transaction_id} reversed: $0.29 taken back from account ${others}. New balance: $0.00`],
    [1, `Transaction ${transaction_id} reversed: $0.29 returned to account ${mine}. New balance: $1499.90`],
    [1, 'Withdrawal of JPY 1500 completed. New balance: JPY 0'],
    [1, `Account ${yen} closed`],
    [1, 'Deposit of KWD 0.001 completed. New balance: KWD 12.501'],
  ]);
  expect(await toldMoney()).toEqual(await bookedMoney());
});

/** What customers were told of their entries, to the minor unit. */
async function toldMoney(): Promise<object[]> {
  return await notifications.db
    .selectFrom('notification')
    .select(['transaction_id', 'account_id', 'currency', 'amount_minor', 'balance_after_minor'])
    .where('amount_minor', 'is not', null)
    .orderBy('transaction_id')
    .orderBy('account_id')
    .execute();
}

/** The entries themselves; those of openings and closings are told without an amount. */
async function bookedMoney(): Promise<object[]> {
  const { rows } = await books.pool.query<object>(
    `SELECT transaction_id, entry.account_id, entry.currency, entry.amount_minor, balance_after_minor
     FROM entry JOIN transaction ON transaction.id = transaction_id
     WHERE entry.account_id > 0 AND type NOT IN ('opening', 'closing') ORDER BY 1, 2`,
  );
  return rows;
}
