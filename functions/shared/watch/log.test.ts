// The lines of a function that runs alone, as a log collector reads them, and as a person at a terminal does.
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createDatabase } from '../database/pool.ts';
import { givenIssuer, startFunctionProcess } from '../testing/harness.ts';
import { givenDatabases } from '../testing/postgres.ts';
import { createLog } from './log.ts';

const nowhere = 'postgres://nobody@127.0.0.1:1/none';

test('a line names its function, once, and the trace that its caller began', async () => {
  const issuer = await givenIssuer();
  const fn = await startFunctionProcess('read-users', { DATABASE_URL: nowhere }, { issuer });
  const token = await issuer.tokenFor({ userId: 1, role: 'teller' });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  expect((await fn.request('GET', '/users', { token, headers: { traceparent } })).status).toBe(503);

  const postponed = () => fn.lines.find((line) => line.includes('request postponed'));
  await expect.poll(postponed).toBeDefined();
  expect(JSON.parse(postponed() ?? '')).toMatchObject({ trace_id: '0af7651916cd43dd8448eb211c80319c' });
  for (const line of fn.lines) expect(line.match(/"function":"read-users"/g)).toHaveLength(1);
});

function collect(isTTY: boolean): { log: ReturnType<typeof createLog>; text: () => string } {
  let text = '';
  const out = { isTTY, write: (line: string) => (text += line) };
  return { log: createLog('info', { function: 'deposit' }, out), text: () => text };
}

test('at a terminal a line is for people, anywhere else it is JSON', () => {
  const [terminal, pipe] = [collect(true), collect(false)];
  for (const { log } of [terminal, pipe]) {
    log.warn(
      { event_id: '7', detail: 'two words', err: new Error('away', { cause: new Error('refused') }) },
      'no answer',
    );
  }
  const [first, ...stack] = stripVTControlCharacters(terminal.text()).split('\n');
  expect(first).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}no answer function=deposit event_id=7 detail="two words"$/);
  expect(stack.join('\n')).toMatch(/^ {4}Error: away\n[^]* {4}because of\n {4}Error: refused\n/);
  expect(JSON.parse(pipe.text())).toMatchObject({
    level: 'warn',
    function: 'deposit',
    event_id: '7',
    msg: 'no answer',
  });
});

test('a terminal is told nothing to obey by what a stranger has sent', () => {
  const { log, text } = collect(true);
  log.warn({ event_type: '\u001b]0;owned\u0007\u001b[2Jx\ny' }, 'event refused');
  expect(text().replace(/\u001b\[\d+m/g, '')).toMatch(/ event_type="?x\\ny"?\n$/);
});

test('what PostgreSQL quotes of its input is in no line', async () => {
  const { users } = await givenDatabases();
  const { pool } = createDatabase(users.url, { max: 1, name: 'log.test' });
  const { log, text } = collect(false);
  const error: unknown = await pool
    .query('SELECT $1::bigint', ['Ada "Countess" Lovelace'])
    .catch((caught: unknown) => caught);
  log.error({ err: error }, 'request failed');
  await pool.end();
  expect(text()).toContain('invalid input syntax for type bigint: \\"…\\"');
  expect(text()).not.toMatch(/Ada|Countess|Lovelace/);
});
