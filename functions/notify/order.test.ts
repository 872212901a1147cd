// Whatever order a broker delivers an account's events in, its customer finds the same list in the end.
import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { accountClosed } from '../../eventing/events/account-closed.ts';
import { accountOpened } from '../../eventing/events/account-opened.ts';
import { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import { toBinaryMessage } from '../../eventing/events/cloudevent.ts';
import { givenEvent } from '../../eventing/testing/given-event.ts';
import type { OutboxEvent } from '../../eventing/outbox/outbox-event.ts';
import type { Notification } from '../shared/contract/notification.ts';
import { startBank, type Answer, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

let bank: TestBank;
let owner: pg.Pool;
let token: string;
beforeAll(async () => {
  const databases = await givenDatabases();
  owner = new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 1 });
  bank = await startBank({ databases, functions: ['notify', 'read-notifications'] });
  token = await bank.tokenFor({ userId: 1 });
});
afterAll(() => owner.end());

const noon = '2026-11-22T12:00:00.000001Z';
const transfer = {
  ...transactionCompleted.example,
  transaction_id: 12,
  type: 'transfer',
  target_account_id: 8,
  booked_at: noon,
  // Between two accounts of the same person: both are told, in the order of the entries.
  entries: [
    { account_id: 7, user_id: 1, amount: -500, balance_after: 500, version: 3 },
    { account_id: 8, user_id: 1, amount: 500, balance_after: 500, version: 1 },
  ],
};
const withdrawal = {
  ...transactionCompleted.example,
  transaction_id: 13,
  type: 'withdrawal',
  // The clock stood still, or was set back: the ledger books no earlier than before, and counts on.
  booked_at: noon,
  entries: [
    { account_id: 7, user_id: 1, amount: -500, balance_after: 0, version: 4 },
    { account_id: -840, user_id: null, amount: 500, balance_after: null, version: null },
  ],
};
const events: OutboxEvent[] = [
  givenEvent('1', {
    type: accountOpened.type,
    data: { ...accountOpened.example, transaction_id: 10, opened_at: '2026-11-22T11:59:59.000000Z' },
  }),
  givenEvent('2', {
    data: { ...transactionCompleted.example, transaction_id: 11, booked_at: '2026-11-22T12:00:00.000000Z' },
  }),
  givenEvent('3', { data: transfer }),
  givenEvent('4', { data: withdrawal }),
  givenEvent('5', {
    type: accountClosed.type,
    data: { ...accountClosed.example, transaction_id: 14, closed_at: '2026-11-22T12:00:00.000002Z' },
  }),
];

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

/** Ids are the order of arrival. */
function withoutIds(items: readonly Notification[]): Omit<Notification, 'id'>[] {
  return items.map((item) => {
    const { id, ...rest } = item;
    expect(id).toBeGreaterThan(0);
    return rest;
  });
}

async function listAfter(order: readonly OutboxEvent[]): Promise<Omit<Notification, 'id'>[]> {
  await owner.query('truncate notification, inbox');
  for (const event of order) {
    const { headers, body } = toBinaryMessage(event);
    expect((await bank.deliver('POST', '/notify/', { headers, body })).status).toBe(204);
  }
  const { body } = await bank.request<Notification[]>('GET', '/notifications', { token });
  return withoutIds(body);
}

test('all 120 orders of five events lead to one list, in the order of the account', async () => {
  const inOrder = await listAfter(events);
  expect(inOrder.map(({ kind, account_id, timestamp }) => [kind, account_id, timestamp])).toEqual([
    ['account_closed', 7, '2026-11-22T12:00:00.000Z'],
    ['withdrawal', 7, '2026-11-22T12:00:00.000Z'],
    ['transfer_in', 8, '2026-11-22T12:00:00.000Z'],
    ['transfer_out', 7, '2026-11-22T12:00:00.000Z'],
    ['deposit', 7, '2026-11-22T12:00:00.000Z'],
    ['account_opened', 7, '2026-11-22T11:59:59.000Z'],
  ]);
  for (const order of permutations(events)) {
    expect(await listAfter(order), order.map(({ id }) => id).join()).toEqual(inOrder);
  }
}, 60_000);

test('pages hold still in this order too', async () => {
  const whole = await listAfter([...events].reverse());
  const seen: Notification[] = [];
  for (let path: string | undefined = '/notifications?limit=1'; path !== undefined;) {
    const page: Answer<Notification[]> = await bank.request('GET', path, { token });
    seen.push(...page.body);
    path = /<\/api([^>]+)>/.exec(page.headers.get('link') ?? '')?.[1];
  }
  expect(withoutIds(seen)).toEqual(whole);
});
