import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { userRemoved } from '../../../eventing/events/user-removed.ts';
import { recordEvent } from '../../../eventing/outbox/record.ts';
import { commitOnce, eraseAnswers } from './commit-once.ts';
import { createDatabase, type Connected } from './pool.ts';
import { Refusal } from '../contract/errors.ts';
import { givenDatabases } from '../testing/postgres.ts';
import type { UsersSchema } from './users-schema.ts';

let users: Connected<UsersSchema>;
let other: Connected<UsersSchema>;

beforeAll(async () => {
  const { url } = (await givenDatabases()).users;
  users = createDatabase<UsersSchema>(url, { max: 20, name: 'commit-once test' });
  other = createDatabase<UsersSchema>(url, { max: 20, name: 'commit-once test, second copy' });
});
afterAll(async () => {
  await users.db.destroy();
  await other.db.destroy();
});

let keys = 0;
function givenKey(fingerprint = 'f') {
  return { scope: 'user:1', key: `key-${++keys}`, fingerprint };
}

function record(time = new Date()) {
  return async (trx: Parameters<Parameters<typeof commitOnce<UsersSchema, unknown>>[2]>[0]) => {
    const event = await recordEvent(trx, userRemoved, {
      source: '/microbank/test',
      subject: 'users/1',
      time,
      data: { user_id: 1, removed_at: time.toISOString() },
      partitionkey: 'users/1',
      sequence: 7n,
      traceparent: null,
    });
    return { answer: { id: 1, text: 'Zürich €' }, event, subject: 'users/1' };
  };
}

async function countEvents(): Promise<number> {
  const { count } = await users.db
    .selectFrom('outbox')
    .select((e) => e.fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

test('runs once and gives the same answer and the same event to everybody who asks with the key', async () => {
  const key = givenKey();
  const before = await countEvents();
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) => commitOnce((i % 2 ? users : other).db, key, record())),
  );

  expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
  const [first, ...rest] = results.map(({ answer, event }) => ({ answer, event }));
  for (const result of rest) expect(result).toEqual(first);
  expect(first?.event?.sequence).toBe('00000000000000000007');
  expect(await countEvents()).toBe(before + 1);
  expect(await commitOnce(users.db, key, record())).toMatchObject({ replayed: true, answer: { text: 'Zürich €' } });
});

test('refuses a key that was used for another request', async () => {
  const key = givenKey('one');
  await commitOnce(users.db, key, record());
  const again = { ...key, fingerprint: 'two' };
  await expect(commitOnce(users.db, again, record())).rejects.toMatchObject({
    code: 'idempotency_key_reused',
    status: 422,
  });
});

test('keeps a refusal refused, and nothing of the work that led to it', async () => {
  const key = givenKey();
  const before = await countEvents();
  const refuse = commitOnce(users.db, key, async (trx) => {
    await record()(trx);
    throw new Refusal('too_bad', 409, 'no', { errors: [{ pointer: '/x', detail: 'no' }] });
  });
  await expect(refuse).rejects.toMatchObject({ code: 'too_bad', headers: {} });

  const again = await commitOnce(users.db, key, record()).catch((error: unknown) => error);
  expect(again).toMatchObject({
    code: 'too_bad',
    status: 409,
    message: 'no',
    errors: [{ pointer: '/x', detail: 'no' }],
    headers: { 'Idempotency-Replayed': 'true' },
  });
  expect(await countEvents()).toBe(before);
});

test('runs again after a fault', async () => {
  const key = givenKey();
  await expect(commitOnce(users.db, key, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await commitOnce(users.db, key, record())).toMatchObject({ replayed: false });
});

test('runs again when the connection is lost before the commit', async () => {
  const key = givenKey();
  let tries = 0;
  const work = record();
  const result = await commitOnce(users.db, key, async (trx) => {
    tries++;
    const done = await work(trx);
    if (tries === 1) await sql`SELECT pg_terminate_backend(pg_backend_pid())`.execute(trx);
    return done;
  });
  expect(tries).toBe(2);
  expect(result).toMatchObject({ answer: { id: 1 } });
});

test('erases answers and still recognises their keys', async () => {
  const key = givenKey();
  await commitOnce(users.db, key, record());
  await users.db.transaction().execute((trx) => eraseAnswers(trx, 'users/1'));
  await expect(commitOnce(users.db, key, record())).rejects.toMatchObject({ code: 'answer_erased', status: 410 });
});

test('says that the request still runs when waiting for it takes too long', async () => {
  const key = givenKey();
  let finish = (): void => undefined;
  const gate = new Promise<void>((resolve) => (finish = resolve));
  const first = commitOnce(users.db, key, async (trx) => {
    await gate;
    return await record()(trx);
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  await expect(commitOnce(other.db, key, record())).rejects.toMatchObject({ code: 'request_in_progress', status: 409 });
  finish();
  expect(await first).toMatchObject({ replayed: false });
});
