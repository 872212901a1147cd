// Statements as spans: what they are called, that values stay out of them, and that a fault is told by its code.
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { givenDatabases } from '../testing/postgres.ts';
import { inSpan, type Span, type SpanParts, useTracer } from '../tracing/spans.ts';
import { createDatabase } from './pool.ts';
import { summaryOf } from './trace-queries.ts';

test.each([
  ['SELECT user_id, currency FROM account WHERE id = $1', 'SELECT account'],
  ['SELECT post($1::jsonb) AS answers', 'SELECT post'],
  ['select count(*) from "dead_letter"', 'SELECT dead_letter'],
  ['insert into "bank_user" ("name") values ($1) on conflict do update set x = 1', 'INSERT bank_user'],
  ['WITH owed AS MATERIALIZED (SELECT id FROM outbox FOR UPDATE) UPDATE outbox SET a = 1', 'UPDATE outbox'],
  ['delete from "attempt" where "id" = $1', 'DELETE attempt'],
  ['SELECT 1', 'SELECT'],
  ['COMMIT', 'COMMIT'],
  ['', ''],
])('%s is called %s', (text, summary) => {
  expect(summaryOf(text)).toBe(summary);
});

type Seen = { name: string; parts: SpanParts; errorType?: string; ended: boolean };

/** Keeps what it is asked for; the SDK's own is in observability/tests. */
function keepSpans(): Seen[] {
  const seen: Seen[] = [];
  let depth = 0;
  useTracer({
    current: () => (depth > 0 ? 'some span' : undefined),
    open(name, parts): Span {
      const kept: Seen = { name, parts, ended: false };
      seen.push(kept);
      return {
        traceparent: 'some span',
        set: (attributes) => (kept.parts = { ...kept.parts, attributes: { ...kept.parts.attributes, ...attributes } }),
        fail: (errorType) => (kept.errorType = errorType),
        end: () => (kept.ended = true),
        run: (work) => {
          depth++;
          return work();
        },
      };
    },
  });
  return seen;
}
afterEach(() => useTracer(undefined));

test('a statement of a request is a span without its values, by promise, by callback and by kysely', async () => {
  const { users } = await givenDatabases();
  const seen = keepSpans();
  const { pool, db } = createDatabase<{ bank_user: { id: number; name: string } }>(users.url, { max: 1, name: 'test' });
  await pool.query('SELECT 1');
  expect(seen).toEqual([]); // Nobody's request.

  await inSpan(
    'request',
    () => ({ kind: 'server' }),
    async () => {
      await pool.query('SELECT name FROM bank_user WHERE name = $1', ['Ada Lovelace']);
      await db.selectFrom('bank_user').select('id').where('name', '=', 'Ada Lovelace').execute();
      const client = await pool.connect();
      await new Promise((resolve) => client.query('SELECT $1::text AS said', ['Ada Lovelace'], resolve));
      await expect(client.query('SELECT $1::bigint', ['Ada Lovelace'])).rejects.toThrow(pg.DatabaseError);
      client.release();
    },
  );
  await pool.end();

  const [, ...statements] = seen;
  expect(statements.map(({ name, ended, errorType }) => [name, ended, errorType])).toEqual([
    ['SELECT bank_user', true, undefined],
    ['SELECT bank_user', true, undefined],
    ['SELECT', true, undefined],
    ['SELECT', true, '22P02'],
  ]);
  expect(statements[0]?.parts).toMatchObject({
    kind: 'client',
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': new URL(users.url).pathname.slice(1),
      'db.query.text': 'SELECT name FROM bank_user WHERE name = $1',
    },
  });
  expect(statements[3]?.parts.attributes).toMatchObject({ 'db.response.status_code': '22P02' });
  expect(JSON.stringify(seen)).not.toContain('Lovelace');
});
