// The notifications API over HTTP: who sees what, and pages that hold still.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import pg from 'pg';
import type { Notification } from '../shared/contract/notification.ts';
import { startBank, type Answer, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

const applyOne = `select apply_events(jsonb_build_array(
  jsonb_build_object('source', $1::text, 'id', $2::text, 'notifications', $3::jsonb)))`;

type Problem = { code: string; errors?: { pointer: string }[] };

let bank: TestBank;
let owner: pg.Pool;
let alice: string;
let bob: string;
let teller: string;

beforeAll(async () => {
  const databases = await givenDatabases();
  bank = await startBank({ databases, functions: ['read-notifications'] });
  owner = new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 2 });
  alice = await bank.tokenFor({ userId: 1 });
  bob = await bank.tokenFor({ userId: 2 });
  teller = await bank.tokenFor({ userId: 900, role: 'teller' });
});
afterAll(() => owner.end());
beforeEach(async () => {
  await owner.query('truncate notification, inbox restart identity');
});

let lastEvent = 0;
async function tell(userId: number, facts: object = {}): Promise<void> {
  const message = 'Deposit of $500.00 completed. New balance: $1500.00';
  const told = [{ user_id: userId, kind: 'deposit', message, transaction_id: 2, account_id: 7, ...facts }];
  await owner.query(applyOne, ['/test', String(++lastEvent), JSON.stringify(told)]);
}

const list = (query: string, token: string) => bank.request<Notification[]>('GET', `/notifications${query}`, { token });
const idsOf = (items: Notification[]) => items.map((item) => item.id);

test('a notification has what the original system shows, and what it is about', async () => {
  await tell(1);
  const { status, body } = await list('', alice);
  expect(status).toBe(200);
  expect(body).toEqual([
    {
      id: 1,
      user_id: 1,
      message: 'Deposit of $500.00 completed. New balance: $1500.00',
      kind: 'deposit',
      transaction_id: 2,
      account_id: 7,
      // Told before facts were kept, as by a copy of notify from before.
      amount: null,
      currency: null,
      balance_after: null,
      counterparty_account_id: null,
      reverses: null,
      account_type: null,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      read: false,
    },
  ]);
  expect((await bank.request('GET', '/notifications/1', { token: alice })).body).toEqual(body[0]);
});

test.each([
  ['USD', 123_456, -5, 1234.56, -0.05],
  ['JPY', -1500, 999_999_999_999_999, -1500, 999_999_999_999_999],
  ['KWD', 1, 12_500, 0.001, 12.5],
])(
  'amounts in %s are shown in its units',
  async (currency, amount_minor, balance_after_minor, amount, balance_after) => {
    await tell(1, { currency, amount_minor, balance_after_minor });
    expect((await list('', alice)).body).toMatchObject([{ currency, amount, balance_after }]);
  },
);

test('what a notification tells is in the list, alone, and in the answer to reading it', async () => {
  await tell(1, {
    kind: 'transfer_in',
    currency: 'USD',
    amount_minor: 5,
    balance_after_minor: 7,
    counterparty_account_id: 8,
  });
  await tell(1, { kind: 'reversal', currency: 'USD', amount_minor: -5, balance_after_minor: 2, reverses: 2 });
  await tell(1, { kind: 'account_opened', currency: 'USD', balance_after_minor: 0, account_type: 'checking' });
  const none = { amount: null, counterparty_account_id: null, reverses: null, account_type: null };
  const told = [
    { ...none, kind: 'account_opened', currency: 'USD', balance_after: 0, account_type: 'checking' },
    { ...none, kind: 'reversal', currency: 'USD', amount: -0.05, balance_after: 0.02, reverses: 2 },
    { ...none, kind: 'transfer_in', currency: 'USD', amount: 0.05, balance_after: 0.07, counterparty_account_id: 8 },
  ];
  const { body: items } = await list('', alice);
  expect(items).toMatchObject(told);
  for (const item of items) {
    expect((await bank.request('GET', `/notifications/${item.id}`, { token: alice })).body).toEqual(item);
    const read = await bank.request('POST', `/notifications/${item.id}/read`, { token: alice });
    expect(read.body).toEqual({ ...item, read: true });
  }
});

test('customers see their own, tellers all or those of one person, newest first', async () => {
  for (const userId of [1, 2, 1]) await tell(userId);

  expect(idsOf((await list('', alice)).body)).toEqual([3, 1]);
  expect(idsOf((await list('?user_id=1', alice)).body)).toEqual([3, 1]);
  expect(idsOf((await list('', bob)).body)).toEqual([2]);
  expect(idsOf((await list('', teller)).body)).toEqual([3, 2, 1]);
  expect(idsOf((await list('?user_id=2', teller)).body)).toEqual([2]);
  expect(await list('?user_id=1', bob)).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
});

test.each([
  ['GET', '/notifications', 200, 200, 200],
  ['GET', '/notifications?user_id=1', 200, 404, 200],
  ['GET', '/notifications/unread', 200, 200, 200],
  ['GET', '/notifications/unread?user_id=1', 200, 404, 200],
  ['GET', '/notifications/1', 200, 404, 200],
  ['POST', '/notifications/1/read', 200, 404, 200],
  ['DELETE', '/notifications/1', 204, 404, 204],
  ['GET', '/notifications/stream?user_id=1', undefined, 404, undefined],
])('%s %s: nobody 401, owner %s, another customer %s, teller %s', async (method, path, owners, others, tellers) => {
  const expected: [string | undefined, number | undefined][] = [
    [undefined, 401],
    ['nonsense', 401],
    [await bank.tokenFor({ userId: 1, expiresIn: -3600 }), 401],
    [bob, others],
    [alice, owners],
    [teller, tellers],
  ];
  for (const [token, status] of expected) {
    if (status === undefined) continue;
    await owner.query('truncate notification, inbox restart identity');
    await tell(1);
    expect((await bank.request(method, path, { token })).status).toBe(status);
    if (status >= 400) {
      expect((await owner.query('select from notification where read_at is null')).rowCount).toBe(1);
    }
  }
});

test('reading is marked once, and the unread are filtered and counted', async () => {
  for (let i = 0; i < 3; i++) await tell(1);
  const { body: first } = await bank.request<Notification>('POST', '/notifications/2/read', { token: alice });
  expect(first).toMatchObject({ id: 2, read: true });
  const { rows } = await owner.query('select read_at from notification where id = 2');
  expect((await bank.request('POST', '/notifications/2/read', { token: alice })).body).toEqual(first);
  expect((await owner.query('select read_at from notification where id = 2')).rows).toEqual(rows);

  expect(idsOf((await list('?unread=true', alice)).body)).toEqual([3, 1]);
  expect(idsOf((await list('?unread=false', alice)).body)).toEqual([2]);
  const { body: unread } = await bank.request('GET', '/notifications/unread', { token: alice });
  expect(unread).toEqual({ user_id: 1, unread: 2, newest_id: 3 });
});

test('a deleted notification is gone', async () => {
  await tell(1);
  expect((await bank.request('DELETE', '/notifications/1', { token: alice })).status).toBe(204);
  for (const method of ['GET', 'DELETE']) {
    const again = await bank.request<Problem>(method, '/notifications/1', { token: alice });
    expect(again).toMatchObject({ status: 404, body: { code: 'notification_not_found' } });
  }
  expect((await list('', alice)).body).toEqual([]);
});

test('pages hold still while new notifications arrive', async () => {
  for (let i = 0; i < 25; i++) await tell(1);
  const seen: number[] = [];
  let path: string | undefined = '/notifications?limit=10&user_id=1';
  while (path !== undefined) {
    const answer: Answer<Notification[]> = await bank.request('GET', path, { token: teller });
    seen.push(...idsOf(answer.body));
    path = /^<\/api(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
    await tell(1);
    await tell(2);
  }
  expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => 25 - i));
  expect(idsOf((await list('?limit=2&skip=1', bob)).body)).toHaveLength(2);
});

test.each([
  ['/notifications?limit=-1', '/limit'],
  ['/notifications?limit=1000000', '/limit'],
  ['/notifications?limit=abc', '/limit'],
  ['/notifications?limit=0', '/limit'],
  ['/notifications?skip=-1', '/skip'],
  ['/notifications?unread=maybe', '/unread'],
  ['/notifications?user_id=me', '/user_id'],
  ['/notifications?colour=red', '/colour'],
  ['/notifications?cursor=nonsense', '/cursor'],
  [`/notifications?cursor=${forgedCursor({ id: 'one' })}`, '/cursor'],
  [`/notifications?cursor=${forgedCursor({ id: 0.5 })}`, '/cursor'],
  [`/notifications?cursor=${forgedCursor({})}`, '/cursor'],
  ['/notifications/abc', '/id'],
  ['/notifications/0', '/id'],
  ['/notifications/99999999999999999999', '/id'],
])('GET %s is refused and names %s', async (path, pointer) => {
  const { status, body } = await bank.request<Problem>('GET', path, { token: alice });
  expect({ status, code: body.code, pointer: body.errors?.[0]?.pointer }).toEqual({
    status: 422,
    code: 'validation_failed',
    pointer,
  });
});

test('notifications can neither be made nor changed by callers', async () => {
  expect((await bank.request('POST', '/notifications', { token: teller, body: {} })).status).toBe(405);
  expect((await bank.request('PUT', '/notifications/1', { token: teller, body: {} })).status).toBe(405);
});

function forgedCursor(next: object): string {
  return Buffer.from(JSON.stringify({ filters: {}, next })).toString('base64url');
}
