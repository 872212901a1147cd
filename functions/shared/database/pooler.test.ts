// The bank's own connections through a real PgBouncer in transaction mode: they get in, and the limits hold as they do without it.
import { afterAll, expect, test } from 'vitest';
import { givenPooler, pgbouncerVersion } from '../testing/pgbouncer.ts';
import { givenDatabases } from '../testing/postgres.ts';
import { createDatabase } from './pool.ts';

const { notifications } = await givenDatabases();
const { pool } = createDatabase(await givenPooler(notifications.url), { max: 4, name: 'pooler.test' });
afterAll(() => pool.end());

const settings = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'];

test.each([
  ['the pool alone', createDatabase(notifications.url, { max: 1, name: 'pooler.test' }).pool],
  ['PgBouncer', pool],
])('%s limits how long a statement, a lock and an idle transaction may take', async (_through, asked) => {
  const shown = await Promise.all(settings.map((setting) => asked.query<object>(`show ${setting}`)));
  expect(shown.flatMap(({ rows }) => rows)).toEqual([
    { statement_timeout: '10s' },
    { lock_timeout: '5s' },
    { idle_in_transaction_session_timeout: '15s' },
  ]);
  if (asked !== pool) await asked.end();
});

// Debian 12 has 1.18, which knows nothing of named statements; where the bank runs, the pooler has to be newer.
test.skipIf((await pgbouncerVersion()) < 121)('named statements of many clients go through PgBouncer', async () => {
  const query = { name: 'apply-events', text: 'select apply_events($1)', values: ['[]'] };
  const answers = await Promise.all(Array.from({ length: 40 }, () => pool.query(query)));
  expect(answers.every(({ rowCount }) => rowCount === 1)).toBe(true);
});
