// The audit trail on real PostgreSQL, the same in each of the three databases.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseNames } from '../../../platform/local/databases.ts';
import { auditActs, auditQuery, auditEntrySchema, type AuditQuery } from '../contract/audit.ts';
import type { Call } from '../handler/call.ts';
import { momentAfter } from '../reading/cursor.ts';
import { givenDatabases } from '../testing/postgres.ts';
import { listAudit, recordAudit, type AuditSchema } from './audit.ts';
import { createDatabase, type Connected } from './pool.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const teller: Pick<Call, 'caller' | 'sessionId' | 'traceparent'> = {
  caller: { role: 'teller', userId: 1 },
  sessionId: '0198c5a0-0000-7000-8000-000000000009',
  traceparent,
};
const nobody = { sessionId: undefined, caller: { role: 'anonymous' }, traceparent } as const;

const databases = await givenDatabases();
let users: Connected<AuditSchema>;
beforeAll(() => {
  users = createDatabase<AuditSchema>(databases.users.url, { max: 2, name: 'audit test' });
});
afterAll(() => users.pool.end());

async function list(query: Record<string, unknown> = {}, after?: Call['after']) {
  const { items, next } = await listAudit(users.db, auditQuery('users').parse(query) as AuditQuery, momentAfter(after));
  return { items, next };
}

test('an entry has who, what, why, the session and the trace, and commits with its act', async () => {
  await recordAudit(
    users.db,
    { act: 'user.removed', subject: 'users/7', reason: 'Left', details: { by: 'letter' } },
    teller,
  );
  await recordAudit(users.db, { act: 'session.refused', subject: 'users/8' }, nobody);
  await users.db
    .transaction()
    .execute(async (trx) => {
      await recordAudit(trx, { act: 'teller.made', subject: 'users/9' }, teller);
      throw new Error('no');
    })
    .catch(() => undefined);

  const { items } = await list();
  for (const item of items) auditEntrySchema.parse(item);
  expect(items).toEqual([
    {
      id: 2,
      at: items[0]?.at,
      act: 'session.refused',
      actor_id: null,
      actor_role: 'anonymous',
      session_id: null,
      subject: 'users/8',
      reason: null,
      details: {},
      trace_id: '0af7651916cd43dd8448eb211c80319c',
    },
    {
      id: 1,
      at: items[1]?.at,
      act: 'user.removed',
      actor_id: 1,
      actor_role: 'teller',
      session_id: '0198c5a0-0000-7000-8000-000000000009',
      subject: 'users/7',
      reason: 'Left',
      details: { by: 'letter' },
      trace_id: '0af7651916cd43dd8448eb211c80319c',
    },
  ]);
});

test('is read newest first, page by page, and by each filter', async () => {
  const before = (await list()).items[0]!.at;
  for (let i = 0; i < 5; i++) {
    const caller = { role: 'teller', userId: 20 + (i % 2) } as const;
    await recordAudit(users.db, { act: 'passkey.added', subject: `users/${i}` }, { ...teller, caller });
  }
  const all = await list({ act: 'passkey.added' });
  expect(all.items.map(({ subject }) => subject)).toEqual([4, 3, 2, 1, 0].map((i) => `users/${i}`));

  const first = await list({ act: 'passkey.added', limit: 2 });
  const second = await list({ act: 'passkey.added', limit: 2 }, first.next as Call['after']);
  const third = await list({ act: 'passkey.added', limit: 2 }, second.next as Call['after']);
  expect([...first.items, ...second.items, ...third.items]).toEqual(all.items);
  expect(third.next).toBeUndefined();

  const subjects = async (query: object) =>
    (await list({ act: 'passkey.added', ...query })).items.map((e) => e.subject);
  expect(await subjects({ actor: 21 })).toEqual(['users/3', 'users/1']);
  expect(await subjects({ subject: 'users/2' })).toEqual(['users/2']);
  expect(await subjects({ from: all.items[1]!.at })).toEqual(['users/4', 'users/3']);
  expect(await subjects({ to: all.items[3]!.at })).toEqual(['users/0']);
  expect(await subjects({ to: before })).toEqual([]);
});

test.each([
  { at: '2026-02-30T00:00:00.000000Z', id: 1 },
  { at: 'x', id: 1 },
  { id: 1 },
  { at: '2026-01-01T00:00:00Z' },
])('takes no cursor of its own that it did not make: %j', (after) => {
  expect(() => momentAfter(after as Call['after'])).toThrow('this is not a cursor of this list');
});

describe.each(databaseNames)('%s', (name) => {
  let owner: Client;
  beforeAll(async () => {
    owner = new Client({ connectionString: databases[name].adminUrl });
    await owner.connect();
    await owner.query(
      `INSERT INTO audit_entry (act, actor_role, subject, trace_id) VALUES ('something.done', 'anonymous', 'users/1', '')`,
    );
  });
  afterAll(() => owner.end());

  test.each(["UPDATE audit_entry SET reason = 'x'", 'DELETE FROM audit_entry', 'TRUNCATE audit_entry'])(
    'not even the owner may %s',
    async (statement) => {
      await expect(owner.query(statement)).rejects.toThrow('what happened stays written down');
    },
  );

  test('takes every act that the contract lists', async () => {
    for (const act of auditActs[name]) {
      await owner.query(
        `INSERT INTO audit_entry (act, actor_role, subject, trace_id) VALUES ($1, 'anonymous', 'users/1', '')`,
        [act],
      );
    }
  });

  test.each([
    ['actor_id', `'teller'`, 'null'],
    ['actor_id', `'anonymous'`, '1'],
    ['reason', `'anonymous'`, `repeat('x', 501)`],
    ['details', `'anonymous'`, `'[]'`],
  ])('refuses an entry whose %s is of %s and %s', async (column, role, value) => {
    const insert = `INSERT INTO audit_entry (act, subject, trace_id, actor_role, ${column}) VALUES ('a.b', 'users/1', '', ${role}, ${value})`;
    await expect(owner.query(insert)).rejects.toMatchObject({ code: '23514' });
  });

  test('reads every filter from an index, newest first', async () => {
    await owner.query('SET enable_seqscan = off; SET enable_bitmapscan = off');
    for (const filter of ['true', 'actor_id = 1', `subject = 'users/1'`, `act = 'a.b'`]) {
      const { rows } = await owner.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN SELECT * FROM audit_entry WHERE ${filter} AND (at, id) < (now(), 5) ORDER BY at DESC, id DESC LIMIT 100`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain('Index Scan Backward');
      expect(plan).not.toContain('Sort');
    }
  });
});
