// notify over HTTP, as a broker meets it: what it answers decides whether an event is forgotten, repeated or dead-lettered.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import pg from 'pg';
import { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

let copies: TestBank[];
let owner: pg.Pool;

beforeAll(async () => {
  const databases = await givenDatabases();
  owner = new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 1 });
  copies = [
    await startBank({ databases, functions: ['notify'] }),
    await startBank({ databases, functions: ['notify'] }),
  ];
});
afterAll(() => owner.end());
beforeEach(async () => {
  await owner.query('truncate notification, inbox');
});

const attributes = {
  specversion: '1.0',
  id: '0198c5a0-0000-7000-8000-000000000001',
  source: '/microbank/deposit',
  type: transactionCompleted.type,
  subject: 'transactions/2',
  time: '2026-11-22T10:17:00.000Z',
  dataschema: transactionCompleted.dataschema,
  partitionkey: '7',
  sequence: '00000000000000000002',
};

function deliver(changes: Partial<typeof attributes> = {}, data: unknown = transactionCompleted.example, copy = 0) {
  const named = Object.entries({ ...attributes, ...changes }).map(([name, value]) => [`ce-${name}`, value] as const);
  return copies[copy % 2]!.deliver('POST', '/notify/', { headers: Object.fromEntries(named), body: data });
}

async function count(table: 'notification' | 'inbox'): Promise<number> {
  const { rows } = await owner.query<{ count: string }>(`select count(*) from ${table}`);
  return Number(rows[0]?.count);
}

test('an event is answered 204 without a reply, in binary and in structured mode', async () => {
  expect(await deliver()).toMatchObject({ status: 204, body: undefined });
  const structured = await copies[0]!.deliver('POST', '/notify/', {
    headers: { 'content-type': 'application/cloudevents+json' },
    body: {
      ...attributes,
      id: 'structured',
      datacontenttype: 'application/json',
      data: transactionCompleted.example,
    },
  });
  expect(structured).toMatchObject({ status: 204, body: undefined });
  expect(await count('notification')).toBe(2);
});

test('twenty deliveries of one event at once, to two copies of the function, all succeed and notify once', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => deliver({}, transactionCompleted.example, i)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(204));
  expect(await count('notification')).toBe(1);
  expect(await count('inbox')).toBe(1);
});

test.each([
  ['poison data', deliver.bind(undefined, {}, { transaction_id: 'two' })],
  ['a body that is no JSON', deliver.bind(undefined, {}, '{"transaction_id":')],
  ['a type it does not take', deliver.bind(undefined, { type: 'com.microbank.user.registered' })],
  ['another specversion', deliver.bind(undefined, { specversion: '9.9' })],
])('%s is answered so that the broker dead-letters it, and writes nothing', async (_, send) => {
  const answer = await send();
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(await count('notification')).toBe(0);
  expect(await count('inbox')).toBe(0);
});

test('an event whose answer was lost with its connection is applied once when it comes again', async () => {
  const endConnections = setInterval(
    () =>
      void owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'microbank_notifications'`,
      ),
    5,
  );
  const ids = Array.from({ length: 60 }, (_, i) => `event-${i}`);
  let pending = ids;
  for (let round = 0; round < 20 && pending.length > 0; round++) {
    const answers = await Promise.all(
      pending.map(async (id, i) => ({ id, status: (await deliver({ id }, undefined, i)).status })),
    );
    pending = answers.filter(({ status }) => status !== 204).map(({ id }) => id);
    expect(answers.filter(({ status }) => status !== 204 && status !== 503)).toEqual([]);
    if (round === 1) clearInterval(endConnections);
  }
  clearInterval(endConnections);

  expect(pending).toEqual([]);
  expect(await count('notification')).toBe(60);
  expect(await count('inbox')).toBe(60);
});
