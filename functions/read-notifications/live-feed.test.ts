// Streams on real Postgres: what was missed comes first, then what is new, once each, also when the listener is lost.
import { afterAll, beforeEach, expect, test } from 'vitest';
import { pino } from 'pino';
import { createDatabase } from '../shared/database/pool.ts';
import type { Notification } from '../shared/contract/notification.ts';
import type { NotificationsSchema } from '../shared/database/notifications-schema.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { listen } from './listener.ts';
import { createLiveFeed, type LiveFeed } from './live-feed.ts';
import { newestIds } from './query-notifications.ts';
import { startOf, streamNotifications } from './stream-notifications.ts';

const applyOne = `select apply_events(jsonb_build_array(
  jsonb_build_object('source', $1::text, 'id', $2::text, 'notifications', $3::jsonb)))`;

const { notifications } = await givenDatabases();
const { pool, db } = createDatabase<NotificationsSchema>(notifications.url, { max: 6, name: 'live-feed.test' });
const owner = createDatabase<NotificationsSchema>(notifications.adminUrl, { max: 1, name: 'live-feed.test owner' });
afterAll(() => Promise.all([pool.end(), owner.pool.end()]));
beforeEach(async () => {
  await owner.pool.query('truncate notification, inbox restart identity');
});

const never = 3_600_000;
const limits = { pollMs: never, mostStreams: 100, mostStreamsOfOnePerson: 50 };

/** Only LISTEN can wake its streams, unless the limits say otherwise. */
function givenFeed(changes: Partial<typeof limits> = {}, isListening = true): LiveFeed {
  const log = pino({ level: 'silent' });
  return createLiveFeed(
    {
      listen: (hear, onConnected, signal) =>
        isListening
          ? listen({ connectionString: notifications.url, hear, onConnected, log }, signal)
          : Promise.resolve(),
      newestIds: (userIds) => newestIds(db, userIds),
    },
    { ...limits, ...changes },
  );
}

/** An open stream as a client has it: `take(n)` waits for the next n notifications. */
async function givenStream(feed: LiveFeed, userId: number, lastSeen?: number) {
  const client = new AbortController();
  const seat = feed.join({ userId, watched: new Map() }, { holder: userId, network: '' }, client.signal);
  seat.position = startOf((await newestIds(db, [userId])).get(userId), lastSeen);
  const events = streamNotifications(db, userId, seat, client.signal);
  return {
    async take(count: number): Promise<number[]> {
      const ids: number[] = [];
      while (ids.length < count) ids.push(((await events.next()).value as { data: Notification }).data.id);
      return ids;
    },
    async close(): Promise<void> {
      client.abort();
      await events.return(undefined);
    },
  };
}

let lastEvent = 0;
const tell = (userId: number) =>
  pool.query(applyOne, [
    '/test',
    String(++lastEvent),
    JSON.stringify([{ user_id: userId, kind: 'deposit', message: 'Deposit', transaction_id: 1, account_id: 1 }]),
  ]);

async function listeners(): Promise<number[]> {
  const { rows } = await owner.pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database()
     and application_name = 'read-notifications listener' and query = 'listen notification' and state = 'idle'`,
  );
  return rows.map((row) => row.pid);
}

test('what happens while a stream is open arrives, and only what concerns its person', async () => {
  await tell(1);
  const stream = await givenStream(givenFeed(), 1);
  await tell(2);
  await tell(1);
  await tell(1);

  expect(await stream.take(2)).toEqual([3, 4]);
  await stream.close();
});

test('a stream that resumes gets everything after its last event id first, once each and in order, while more arrive', async () => {
  for (let i = 0; i < 250; i++) await tell(1);
  const stream = await givenStream(givenFeed(), 1, 10);
  const arriving = Promise.all(Array.from({ length: 40 }, () => tell(1)));

  expect(await stream.take(280)).toEqual(Array.from({ length: 280 }, (_, i) => i + 11));
  await arriving;
  await stream.close();
});

test('a client that saw more than there is, as after a restore, still gets what is new', async () => {
  await tell(1);
  const stream = await givenStream(givenFeed(), 1, 500);
  await tell(1);

  expect(await stream.take(1)).toEqual([2]);
  await stream.close();
});

test('a listener whose connection is ended by the server comes back, and what was told meanwhile arrives', async () => {
  const stream = await givenStream(givenFeed(), 1);
  const next = stream.take(2);
  await expect.poll(listeners).toHaveLength(1);

  for (let round = 0; round < 2; round++) {
    const [pid] = await listeners();
    await owner.pool.query('select pg_terminate_backend($1)', [pid]);
    await tell(1);
    await expect.poll(async () => (await listeners()).filter((other) => other !== pid)).toHaveLength(1);
  }
  expect(await next).toEqual([1, 2]);
  await stream.close();
});

test('without any listener the poll finds what is new', async () => {
  const stream = await givenStream(givenFeed({ pollMs: 30 }, false), 1);
  const next = stream.take(1);
  await tell(1);

  expect(await next).toEqual([1]);
  await stream.close();
});

test('many streams share one listening connection, which ends with the last of them', async () => {
  const feed = givenFeed();
  const streams = await Promise.all([1, 1, 2, 3].map((userId) => givenStream(feed, userId)));
  await expect.poll(listeners).toHaveLength(1);

  await Promise.all(streams.slice(1).map((stream) => stream.close()));
  await tell(1);
  expect(await streams[0]?.take(1)).toEqual([1]);

  await streams[0]?.close();
  await expect.poll(listeners).toEqual([]);
});

test('a process holds so many streams, and a newcomer has one of those of whoever has most', () => {
  const feed = givenFeed({ mostStreams: 3, mostStreamsOfOnePerson: 2 }, false);
  const join = (holder: number, signal = new AbortController().signal) =>
    feed.join({ userId: holder, watched: new Map() }, { holder, network: '' }, signal);
  const leaving = new AbortController();
  const first = join(1, leaving.signal);
  const second = join(1);
  const third = join(1);
  expect([first, second, third].map(({ ended }) => ended)).toEqual(['too_many_streams', undefined, undefined]);

  const others = [join(2), join(3)];
  expect([second, third, ...others].map(({ ended }) => ended)).toEqual([
    'too_many_streams',
    undefined,
    undefined,
    undefined,
  ]);
  expect(() => join(4)).toThrow('not available');

  // A client that goes away before its stream was read leaves its seat as well.
  others[0]!.leave();
  others[0]!.leave();
  join(4, leaving.signal);
  leaving.abort();
  join(5);
});
