// Streams over HTTP, as a browser has them: live, resumed, refused, ended.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import pg from 'pg';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
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
async function tell(userId: number, message = 'Deposit of $500.00 completed. New balance: $1500.00'): Promise<void> {
  const told = [{ user_id: userId, kind: 'deposit', message, transaction_id: 2, account_id: 7 }];
  await owner.query(applyOne, ['/test', String(++lastEvent), JSON.stringify(told)]);
}

test('a stream delivers what happens after it opened, with ids to resume by', async () => {
  await tell(1);
  const stream = await openStream(alice);
  await tell(2);
  await tell(1, 'Account 7 closed');
  expect(await stream.take(1)).toEqual([
    { id: '3', event: 'notification', data: expect.stringContaining('"message":"Account 7 closed"') as string },
  ]);
  await stream.close();
});

test('a stream shows a notification as the API shows it, with the facts that it tells', async () => {
  const stream = await openStream(alice);
  const facts = { currency: 'KWD', amount_minor: -1, balance_after_minor: 12_500, counterparty_account_id: 8 };
  const told = [{ user_id: 1, kind: 'transfer_out', message: 'Transfer', transaction_id: 2, account_id: 7, ...facts }];
  await owner.query(applyOne, ['/test', String(++lastEvent), JSON.stringify(told)]);
  const [event] = await stream.take(1);
  const { body } = await bank.request('GET', '/notifications/1', { token: alice });
  expect(JSON.parse(event?.data ?? '')).toEqual(body);
  expect(body).toMatchObject({ currency: 'KWD', amount: -0.001, balance_after: 12.5, counterparty_account_id: 8 });
  await stream.close();
});

test('a stream that resumes gets everything it missed, in order and once, and then goes on', async () => {
  for (let i = 0; i < 130; i++) await tell(1);
  const stream = await openStream(alice, { 'last-event-id': '5' });
  const arriving = Promise.all(Array.from({ length: 10 }, () => tell(1)));
  const events = await stream.take(135);
  await arriving;
  expect(events.map((event) => event.id)).toEqual(Array.from({ length: 135 }, (_, i) => String(i + 6)));
  await stream.close();
});

test("a teller may watch one person's stream", async () => {
  const stream = await openStream(teller, {}, '?user_id=2');
  await tell(1);
  await tell(2);
  expect((await stream.take(1)).map((event) => event.id)).toEqual(['2']);
  await stream.close();
});

test("a browser's stream opens by its session cookie", async () => {
  const stream = await openStream(undefined, { cookie: `microbank_session=${alice}`, 'sec-fetch-site': 'same-origin' });
  await tell(2);
  await tell(1);
  expect((await stream.take(1)).map((event) => event.id)).toEqual(['2']);
  await stream.close();
});

test.each(['abc', '-1', '1.5', '1e3', '9'.repeat(30)])('Last-Event-ID %s is refused', async (id) => {
  const { status, body } = await bank.request<Problem>('GET', '/notifications/stream', {
    token: alice,
    headers: { 'last-event-id': id },
  });
  expect({ status, code: body.code }).toEqual({ status: 422, code: 'validation_failed' });
});

test('a person may hold ten streams; the oldest ends when there are more, and says why', async () => {
  const streams = [];
  for (let i = 0; i < 10; i++) streams.push(await openStream(alice));
  const others = await openStream(bob);
  // A teller who looks at somebody takes none of their places.
  const watching = await openStream(teller, {}, '?user_id=1');
  const eleventh = await openStream(alice);
  expect(await streams[0]!.take(1)).toEqual([{ id: undefined, event: 'ended', data: '{"reason":"too_many_streams"}' }]);
  await expect(streams[0]!.take(1)).rejects.toThrow('the stream ended');

  await tell(1);
  for (const stream of [streams[1]!, eleventh, watching])
    expect((await stream.take(1)).map(({ event }) => event)).toEqual(['notification']);
  await Promise.all([...streams, others, watching, eleventh].map((stream) => stream.close()));
  await expect.poll(listenerCount).toBe(0);
});

test('ten people with as many streams as they can open leave a place for the next', async () => {
  const crowd = [];
  for (let userId = 100; userId < 120; userId++) {
    const token = await bank.tokenFor({ userId });
    crowd.push(...(await Promise.all(Array.from({ length: 10 }, () => openStream(token)))));
  }
  const stream = await openStream(alice);
  await tell(1);
  expect(await stream.take(1)).toHaveLength(1);
  await Promise.all([...crowd, stream].map((one) => one.close()));
  await expect.poll(listenerCount).toBe(0);
}, 30_000);

test("a teller's one stream also tells of others who have something new, from where it is told", async () => {
  await tell(2);
  await tell(3);
  await tell(3);
  await tell(4);
  const stream = await openStream(teller, {}, '?watch=2:1,3:2,5');
  // Of 3 there is one that the page does not know of.
  expect(await stream.take(1)).toEqual([{ id: undefined, event: 'watched', data: '{"user_id":3,"newest_id":3}' }]);
  await tell(4);
  await tell(5);
  await tell(900);
  const events = await stream.take(2);
  expect(events).toContainEqual({ id: undefined, event: 'watched', data: '{"user_id":5,"newest_id":6}' });
  expect(events).toContainEqual(expect.objectContaining({ id: '7', event: 'notification' }));
  await stream.close();
});

test.each([
  ['of a customer', '1', 404, 'user_not_found'],
  ['of nobody', 'x', 422, 'validation_failed'],
  ['of too many', Array.from({ length: 21 }, (_, i) => i + 1).join(','), 422, 'validation_failed'],
  ['of very many', '1,'.repeat(5_000), 422, 'validation_failed'],
])('a customer watches nobody else: %s', async (_, watch, status, code) => {
  const answer = await bank.request<Problem>('GET', `/notifications/stream?watch=${watch}`, { token: bob });
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

test('stopping the function ends its streams and its listening connection', async () => {
  const databases = await givenDatabases();
  const copy = await startBank({ databases, functions: ['read-notifications'] });
  const token = await copy.tokenFor({ userId: 1 });
  const stream = await openStream(token, {}, '', copy);
  await copy.stop();
  await expect(stream.take(1)).rejects.toThrow('ended');
});

test('a stream ends by itself when it has lasted as long as the configuration allows', async () => {
  const databases = await givenDatabases();
  const copy = await startBank({ databases, functions: ['read-notifications'], config: { longestStreamMs: 300 } });
  const openedMs = performance.now();
  const stream = await openStream(await copy.tokenFor({ userId: 1 }), {}, '', copy);
  await expect(stream.take(1)).rejects.toThrow('the stream ended');
  expect(performance.now() - openedMs).toBeGreaterThan(250);
});

test('the listening connection goes to the address that is given for it', async () => {
  const databases = await givenDatabases();
  const { adminUrl } = databases.notifications;
  const copy = await startBank({ databases, functions: ['read-notifications'], config: { listenUrl: adminUrl } });
  const stream = await openStream(await copy.tokenFor({ userId: 1 }), {}, '', copy);
  const listener = `select usename from pg_stat_activity where application_name = 'read-notifications listener' and datname = $1`;
  const names = async () => (await owner.query(listener, [new URL(adminUrl).pathname.slice(1)])).rows as unknown;
  await expect.poll(names).toEqual([{ usename: new URL(adminUrl).username }]);
  await stream.close();
});

async function listenerCount(): Promise<number | null> {
  const listening = `select from pg_stat_activity where datname = current_database() and application_name = 'read-notifications listener'`;
  return (await owner.query(listening)).rowCount;
}

async function openStream(
  token: string | undefined,
  headers: Record<string, string> = {},
  query = '',
  from: TestBank = bank,
) {
  const client = new AbortController();
  const response = await fetch(`${from.origin}/api/notifications/stream${query}`, {
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    signal: client.signal,
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events = response
    .body!.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  return {
    async take(count: number) {
      const taken = [];
      while (taken.length < count) {
        const { value, done } = await events.read();
        if (done) throw new Error('the stream ended');
        taken.push(value);
      }
      return taken;
    },
    async close() {
      client.abort();
      await events.cancel().catch(() => undefined);
    },
  };
}
