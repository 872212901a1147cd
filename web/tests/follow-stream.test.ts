// A page's stream of notifications against the real function, through a connection that can be cut or fall silent.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startBank, type TestBank } from '../../functions/shared/testing/harness.ts';
import { givenDatabases } from '../../functions/shared/testing/postgres.ts';
import { followStream, type StreamState } from '../src/app/follow-stream.ts';
import { readProblem, Unreachable } from '../src/app/problem.ts';
import { startConnection, type Connection } from './testing/connection.ts';

const applyOne = `select apply_events(jsonb_build_array(
  jsonb_build_object('source', $1::text, 'id', $2::text, 'notifications', $3::jsonb)))`;

let bank: TestBank;
let owner: pg.Pool;
let connection: Connection;

beforeAll(async () => {
  const databases = await givenDatabases();
  bank = await startBank({ databases, functions: ['read-notifications'] });
  owner = new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 2 });
  connection = await startConnection(Number(new URL(bank.origin).port));
});
afterAll(async () => {
  await connection.stop();
  await owner.end();
});
beforeEach(async () => {
  connection.restore();
  await owner.query('truncate notification, inbox restart identity');
});

let lastEvent = 0;
async function tell(userId: number, times = 1): Promise<void> {
  const told = [{ user_id: userId, kind: 'deposit', message: 'Deposit', transaction_id: 2, account_id: 7 }];
  for (let time = 0; time < times; time += 1) {
    await owner.query(applyOne, ['/test', String(++lastEvent), JSON.stringify(told)]);
  }
}

const leave: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of leave.splice(0)) await close();
});

type Wishes = { token?: string; lastEventId?: string; silenceMsMax?: number; onEvent?: (id: string) => void };

/** A page that follows the stream of user 1: what it saw, and how its connection was. */
async function givenPage(wishes: Wishes = {}) {
  const token = wishes.token ?? (await bank.tokenFor({ userId: 1 }));
  const page = new AbortController();
  const seen = { ids: [] as string[], states: [] as StreamState[], askedAfter: [] as (string | undefined)[] };
  const parts = {
    async open(lastEventId: string | undefined, signal: AbortSignal) {
      seen.askedAfter.push(lastEventId);
      const headers = { authorization: `Bearer ${token}`, ...(lastEventId && { 'last-event-id': lastEventId }) };
      const response = await fetch(`${connection.url}/api/notifications/stream`, { headers, signal }).catch(
        (error: unknown) => {
          throw new Unreachable(error);
        },
      );
      if (!response.ok) throw await readProblem(response);
      return response.body!;
    },
    onEvent({ id, type }: { id: string | undefined; type: string | undefined }) {
      wishes.onEvent?.(id!);
      seen.ids.push(`${type} ${id}`);
    },
    onState(state: StreamState) {
      if (seen.states.at(-1) !== state) seen.states.push(state);
    },
    // A hundredth of the pauses that browsers make, so that the test need not wait for them.
    pause: (ms: number, signal: AbortSignal) => sleep(ms / 100, undefined, { signal }).catch(() => undefined),
    ...(wishes.silenceMsMax !== undefined && { silenceMsMax: wishes.silenceMsMax }),
  };
  const ended = followStream(parts, wishes.lastEventId, page.signal);
  leave.push(async () => {
    page.abort();
    await ended;
  });
  return { seen, ended, leave: () => page.abort() };
}

const ids = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `notification ${from + index}`);

test('a page sees what happens while it is open, and what happened after the event that it names', async () => {
  await tell(1, 3);
  const { seen } = await givenPage({ lastEventId: '1' });
  await expect.poll(() => seen.ids).toEqual(ids(2, 3));
  await tell(2);
  await tell(1);
  await expect.poll(() => seen.ids).toEqual([...ids(2, 3), 'notification 5']);
  expect(seen.states).toEqual(['connecting', 'live']);
});

test('a connection that is cut again and again loses no event and brings none twice', async () => {
  const { seen } = await givenPage({ lastEventId: '0' });
  await expect.poll(() => seen.states).toContain('live');
  const telling = tell(1, 120);
  for (let cut = 0; cut < 8; cut += 1) {
    await sleep(25);
    connection.cut();
  }
  await telling;
  await expect.poll(() => seen.ids.length, { timeout: 10_000 }).toBe(120);
  expect(seen.ids).toEqual(ids(1, 120));
  expect(seen.states).toContain('lost');
  expect(seen.askedAfter.length).toBeGreaterThan(2);
  // Each time it resumed after the last event that it had seen, never from the start.
  const positions = seen.askedAfter.map(Number);
  expect(positions).toEqual(positions.toSorted((one, other) => one - other));
});

test('while the bank cannot be reached the page is not live, and catches up once it can be', async () => {
  const { seen } = await givenPage({ lastEventId: '0' });
  await tell(1);
  await expect.poll(() => seen.ids).toEqual(ids(1, 1));
  connection.refuse();
  connection.cut();
  await expect.poll(() => seen.askedAfter.length).toBeGreaterThan(3);
  expect(seen.states).toEqual(['connecting', 'live', 'lost']);

  await tell(1, 2);
  connection.restore();
  await expect.poll(() => seen.ids).toEqual(ids(1, 3));
  expect(seen.states).toEqual(['connecting', 'live', 'lost', 'live']);
});

test.each(['while it is open', 'before it has begun'])(
  'a stream that falls silent %s is given up and resumed',
  async (when) => {
    if (when === 'before it has begun') connection.silence();
    const { seen } = await givenPage({ lastEventId: '0', silenceMsMax: 300 });
    if (when === 'while it is open') {
      await tell(1);
      await expect.poll(() => seen.ids).toEqual(ids(1, 1));
      connection.silence();
    }
    await expect.poll(() => seen.states).toContain('lost');
    await tell(1, 2);
    connection.restore();
    await expect.poll(() => seen.ids).toEqual(ids(1, when === 'while it is open' ? 3 : 2));
  },
);

test('an event that the page fails to handle comes again', async () => {
  let failures = 2;
  const onEvent = (id: string): void => {
    if (id === '2' && failures-- > 0) throw new Error('the page broke');
  };
  const { seen } = await givenPage({ lastEventId: '0', onEvent });
  await tell(1, 3);
  await expect.poll(() => seen.ids).toEqual(ids(1, 3));
  expect(seen.askedAfter).toEqual(['0', '1', '1']);
});

test('nobody who is signed in: the page stops asking', async () => {
  const { seen, ended } = await givenPage({ token: await bank.tokenFor({ userId: 1, expiresIn: -3600 }) });
  await ended;
  expect(seen.askedAfter).toEqual([undefined]);
  expect(seen.states).toEqual(['connecting']);
});

test('a page that is left ends its stream at once, also while it waits to try again', async () => {
  const open = await givenPage();
  await expect.poll(() => open.seen.states).toEqual(['connecting', 'live']);
  open.leave();
  await open.ended;

  connection.refuse();
  const waiting = await givenPage();
  await expect.poll(() => waiting.seen.states).toEqual(['connecting', 'lost']);
  waiting.leave();
  await waiting.ended;
});
