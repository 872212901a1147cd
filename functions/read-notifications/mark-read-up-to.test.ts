// Marking everything up to one notification as read, over HTTP: whose, how many, and side by side with what else happens.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import pg from 'pg';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { mostMarkedAtOnce, mostUnreadCounted } from './contract.ts';

let bank: TestBank;
let owner: pg.Pool;
let alice: string;

beforeAll(async () => {
  const databases = await givenDatabases();
  bank = await startBank({ databases, functions: ['read-notifications'] });
  owner = new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 3 });
  alice = await bank.tokenFor({ userId: 1 });
});
afterAll(() => owner.end());
beforeEach(async () => {
  await owner.query('truncate notification, inbox restart identity');
});

/** Ids count from 1. */
async function tell(userId: number, count = 1): Promise<void> {
  await owner.query(
    `select apply_events(jsonb_agg(jsonb_build_object('source', '/test', 'id', gen_random_uuid(), 'notifications',
       jsonb_build_array(jsonb_build_object('user_id', $1::bigint, 'kind', 'deposit', 'message', 'told')))))
     from generate_series(1, $2)`,
    [userId, count],
  );
}
function read(upToId: number, token = alice) {
  return bank.request('POST', '/notifications/read', { token, body: { up_to_id: upToId } });
}
async function unreadIds(): Promise<number[]> {
  const { rows } = await owner.query<{ id: string }>('select id from notification where read_at is null order by id');
  return rows.map(({ id }) => Number(id));
}

test('what was seen is read, what came later is not, and the answer counts it', async () => {
  await tell(1, 5);
  expect(await read(3)).toMatchObject({ status: 200, body: { user_id: 1, unread: 2 } });
  expect(await unreadIds()).toEqual([4, 5]);
});

test('again changes nothing, nor does less: the time of the first reading stays', async () => {
  await tell(1, 3);
  await bank.request('POST', '/notifications/2/read', { token: alice });
  const times = () =>
    owner.query('select id, read_at from notification order by id').then(({ rows }) => rows as unknown);
  const second = (await owner.query('select read_at from notification where id = 2')).rows as unknown;
  await read(3);
  expect((await owner.query('select read_at from notification where id = 2')).rows).toEqual(second);

  const before = await times();
  for (const upToId of [3, 1]) expect((await read(upToId)).body).toEqual({ user_id: 1, unread: 0 });
  expect(await times()).toEqual(before);
});

test("only one's own are marked, of tellers as well, whoever the id belongs to", async () => {
  for (const userId of [1, 2, 900, 2]) await tell(userId);
  expect((await read(4)).body).toEqual({ user_id: 1, unread: 0 });
  expect(await unreadIds()).toEqual([2, 3, 4]);
  const teller = await bank.tokenFor({ userId: 900, role: 'teller' });
  expect((await read(999_999, teller)).body).toEqual({ user_id: 900, unread: 0 });
  expect(await unreadIds()).toEqual([2, 4]);
});

test('nobody marks for somebody else, and only up to an id', async () => {
  const teller = await bank.tokenFor({ userId: 900, role: 'teller' });
  for (const [body, pointer] of [
    [{ up_to_id: 1, user_id: 1 }, '/user_id'],
    [{}, '/up_to_id'],
    [{ up_to_id: 0 }, '/up_to_id'],
    [{ up_to_id: '1' }, '/up_to_id'],
  ] as const) {
    const { status, body: problem } = await bank.request('POST', '/notifications/read', { token: teller, body });
    expect([status, problem]).toMatchObject([422, { code: 'validation_failed', errors: [{ pointer }] }]);
  }
  expect((await bank.request('POST', '/notifications/read', { body: { up_to_id: 1 } })).status).toBe(401);
});

test('one call marks ten thousand, and the next the rest', async () => {
  await tell(1, mostMarkedAtOnce + 1_500);
  expect((await read(999_999)).body).toEqual({ user_id: 1, unread: mostUnreadCounted });
  expect(await unreadIds()).toHaveLength(1_500);
  expect((await read(999_999)).body).toEqual({ user_id: 1, unread: 0 });
  expect(await unreadIds()).toEqual([]);
});

test('many devices mark at once while notifications arrive: none fails, and everything seen is read', async () => {
  await tell(1, 4_000);
  const marking = Array.from({ length: 8 }, (_, i) => read(i % 2 === 0 ? 4_000 : 2_500));
  const telling = Array.from({ length: 20 }, () => tell(1));
  const [answers] = await Promise.all([Promise.all(marking), Promise.all(telling)]);
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(await unreadIds()).toEqual(Array.from({ length: 20 }, (_, i) => 4_001 + i));
});

test('a notification that is being told holds nobody up, and stays unread', async () => {
  await tell(1, 2);
  const telling = await owner.connect();
  try {
    await telling.query('begin');
    await telling.query(
      `select apply_events('[{"source":"/test","id":"slow","notifications":[{"user_id":1,"kind":"deposit","message":"slow"}]}]')`,
    );
    const answered = await Promise.race([read(999_999), sleep(2_000, 'held up')]);
    expect(answered).toMatchObject({ body: { user_id: 1, unread: 0 } });
    await telling.query('commit');
  } finally {
    telling.release();
  }
  expect(await unreadIds()).toEqual([3]);
});
