// What notify does not store: poison, and what the table's own rules refuse. Each leaves the event unapplied.
import { afterAll, expect, test } from 'vitest';
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
const { pool, db } = createDatabase<NotificationsSchema>(notifications.url, { max: 2, name: 'refused-events.test' });
const apply = createApplyEvent(() => pool);
afterAll(() => pool.end());

function event(changes: Partial<IncomingEvent>): IncomingEvent {
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

const told = () => db.selectFrom('notification').selectAll().execute();
const applied = () => db.selectFrom('inbox').select(['source', 'id']).execute();

test.each([
  ['no data', undefined],
  ['text', 'Deposit of $500.00'],
  ['a missing field', { ...transactionCompleted.example, entries: undefined }],
  ['an amount as text', { ...transactionCompleted.example, amount: '500' }],
  ['more decimals than the currency has', withBalance(0.1 + 0.2)],
  ['a balance that is not there', withBalance(null)],
  ['another type', { ...transactionCompleted.example, type: 'loan' }],
])('poison data (%s) is a fault and writes nothing', async (_, data) => {
  await expect(notify(apply, event({ data }))).rejects.toThrow();
  expect(await told()).toEqual([]);
  expect(await applied()).toEqual([]);
});

test('what Postgres refuses to store is a fault and leaves the event unapplied', async () => {
  const data = { ...accountOpened.example, account_type: 'x'.repeat(600) };
  await expect(notify(apply, event({ type: accountOpened.type, data }))).rejects.toThrow('notification_message_check');
  expect(await applied()).toEqual([]);
});

test('money without a currency is not stored', async () => {
  const item = { user_id: 1, kind: 'deposit', message: 'Deposit', transaction_id: 1, account_id: 1 };
  for (const money of [{ amount_minor: 5 }, { balance_after_minor: 5 }]) {
    const storing = pool.query(applyOne, ['/test', '1', JSON.stringify([{ ...item, ...money }])]);
    await expect(storing).rejects.toThrow('notification_money_has_a_currency');
  }
  expect(await applied()).toEqual([]);
});

function withBalance(balance: number | null): unknown {
  const [cash, customer] = transactionCompleted.example.entries;
  return { ...transactionCompleted.example, entries: [cash, { ...customer, balance_after: balance }] };
}
