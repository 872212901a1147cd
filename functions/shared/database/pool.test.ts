// What the database's bad moments become, on a real server.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, retrying } from './pool.ts';
import { Refusal, Unavailable } from '../contract/errors.ts';
import { givenDatabases } from '../testing/postgres.ts';

let url: string;
let adminUrl: string;
const opened: { pool: { end: () => Promise<void> } }[] = [];
/** As in a process that has run for a minute, unless told otherwise. */
function open(max = 2, to = url, uptimeMs = () => 60_000) {
  const database = createDatabase<{ note: { id: number; text: string } }>(to, { max, name: 'database test', uptimeMs });
  opened.push(database);
  return database;
}
beforeAll(async () => {
  ({ url, adminUrl } = (await givenDatabases()).users);
});
afterAll(() => Promise.all(opened.map(({ pool }) => pool.end())));

const failing = (...errors: Error[]) => {
  let tries = 0;
  const work = () => {
    const error = errors[tries++];
    return error === undefined ? Promise.resolve('done') : Promise.reject(error);
  };
  return { work, tries: () => tries };
};
const withCode = (code: string) => Object.assign(new Error(`fault ${code}`), { code });
const quick = { sleep: () => Promise.resolve() };

test('gives bigint columns as BigInt, through the pool and through kysely', async () => {
  const { pool, db } = open();
  expect((await pool.query('select 9007199254740993::int8 as n, 1::int4 as i')).rows).toEqual([
    { n: 9007199254740993n, i: 1 },
  ]);
  expect((await sql<{ n: bigint }>`select 9007199254740993::int8 as n`.execute(db)).rows).toEqual([
    { n: 9007199254740993n },
  ]);
});

test('limits how long a statement, a lock and an idle transaction may take', async () => {
  const { pool } = open();
  const { rows } = await pool.query<Record<string, string>>(
    `select name, setting from pg_settings where name like '%\\_timeout' and source = 'user' order by name`,
  );
  expect(rows.map(({ name, setting }) => `${name} ${setting}`)).toEqual([
    'idle_in_transaction_session_timeout 15000',
    'lock_timeout 5000',
    'statement_timeout 10000',
  ]);
});

test.each(['40001', '40P01', '53300', '57P01', '08006', 'ECONNRESET', 'ECONNREFUSED'])(
  '%s passes by when it is tried again',
  async (code) => {
    const { work, tries } = failing(withCode(code), withCode(code));
    expect(await retrying(work, quick)).toBe('done');
    expect(tries()).toBe(3);
  },
);

test('gives up after five tries, as unavailable and never as a refusal', async () => {
  const { work, tries } = failing(...Array<Error>(9).fill(withCode('40P01')));
  await expect(retrying(work, { ...quick, what: 'the ledger' })).rejects.toThrow(
    new Unavailable('the ledger', undefined),
  );
  expect(tries()).toBe(5);
});

test.each([
  ['57014', Unavailable],
  ['53200', Unavailable],
  ['55P03', Error],
  ['23505', Error],
  ['22P02', Error],
])('does not try again after %s', async (code, type) => {
  const { work, tries } = failing(withCode(code));
  const error: unknown = await retrying(work, quick).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(type);
  expect([error instanceof Unavailable, tries()]).toEqual([type === Unavailable, 1]);
});

test('passes refusals and programming faults through', async () => {
  for (const error of [new Refusal('no', 422, 'no'), new TypeError('x is not a function')]) {
    await expect(retrying(failing(error).work, quick)).rejects.toBe(error);
  }
});

test('repeats what may have been committed only when that is safe', async () => {
  const lost = failing(withCode('08006'));
  await expect(retrying(lost.work, { ...quick, repeatable: false })).rejects.toThrow(Unavailable);
  expect(lost.tries()).toBe(1);
  const deadlock = failing(withCode('40P01'));
  expect(await retrying(deadlock.work, { ...quick, repeatable: false })).toBe('done');
});

test('goes on after the server has ended every connection', async () => {
  const { pool } = open();
  const admin = open(1, adminUrl);
  for (let round = 0; round < 5; round++) {
    const working = Promise.all([1, 2, 3].map(() => retrying(() => pool.query('select pg_sleep(0.02)'))));
    await admin.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await working;
  }
});

test('a statement that is cancelled for its length is unavailable', async () => {
  const { pool } = open();
  const work = () => pool.query(`set statement_timeout = 20; select pg_sleep(1)`);
  await expect(retrying(work)).rejects.toThrow(Unavailable);
});

test('a server that is away is unavailable within 4 s', async () => {
  const { pool } = open(1, 'postgres://nobody@127.0.0.1:1/none');
  const startedMs = performance.now();
  await expect(retrying(() => pool.query('select 1'))).rejects.toThrow(Unavailable);
  expect(performance.now() - startedMs).toBeLessThan(4_000);
});

test('a copy that has just started waits until it is let in, with a query as with a connection', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const { pool } = open(2, `postgres://nobody@127.0.0.1:${port}/none`, () => 0);
  // What lets it in is no PostgreSQL, so that the connection ends at once, which is another fault than a refusal.
  setTimeout(() => server.on('connection', (socket) => socket.destroy()).listen(port, '127.0.0.1'), 500);
  const startedMs = performance.now();
  const ended = await Promise.allSettled([pool.query('select 1'), pool.connect()]);
  expect(performance.now() - startedMs).toBeGreaterThan(490);
  for (const { reason } of ended as PromiseRejectedResult[])
    expect((reason as Error).message).not.toContain('ECONNREFUSED');
  server.close();
});

test(
  'a server that does not answer, and a pool with no connection left, are unavailable after 5 s',
  { timeout: 15_000 },
  async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const { pool: deaf } = open(1, `postgres://nobody@127.0.0.1:${port}/none`);
    const { pool: busy } = open(1);
    const holder = await busy.connect();
    await Promise.all([
      expect(retrying(() => deaf.query('select 1'))).rejects.toThrow(Unavailable),
      expect(retrying(() => busy.query('select 1'))).rejects.toThrow(Unavailable),
    ]);
    holder.release();
    silent.close();
  },
);
