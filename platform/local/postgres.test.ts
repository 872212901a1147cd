// The embedded server survives what laptops do to it: kills at any moment, foreign programs on its port, folders it may not use.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, expect, test } from 'vitest';
import { startPostgres, type Postgres, type PostgresOptions } from './postgres.ts';

const password = 'only-in-this-test';
const temporary = await mkdtemp(join(tmpdir(), 'microbank-postgres-'));
await chmod(temporary, 0o711); // As our data folder, for the case that the tests run as root.
const running: Postgres[] = [];

afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop();
});
afterAll(async () => rm(temporary, { recursive: true, force: true }));

async function start(more: Partial<PostgresOptions> = {}): Promise<Postgres> {
  const options = { folder: join(temporary, 'postgres'), port: 0, password, say: () => {}, ...more };
  const postgres = await startPostgres(options);
  running.push(postgres);
  return postgres;
}

async function ask<T>(postgres: Postgres, query: string): Promise<T[]> {
  const client = new Client({ connectionString: postgres.adminUrl });
  await client.connect();
  try {
    return (await client.query(query)).rows as T[];
  } finally {
    await client.end();
  }
}

async function isAlive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return state !== undefined && !state.includes(') Z');
}

test('starts PostgreSQL 18 on loopback with passwords, and keeps its data for the next start', async () => {
  const first = await start();
  await ask(first, 'create table kept (id int); insert into kept values (7)');
  const settings = await ask(
    first,
    `select current_setting('listen_addresses') as listens, current_setting('server_version_num')::int / 10000 as major`,
  );
  expect(settings).toEqual([{ listens: '127.0.0.1', major: 18 }]);
  const access = await ask<{ auth_method: string }>(first, 'select distinct auth_method from pg_hba_file_rules');
  expect(access).toEqual([{ auth_method: 'scram-sha-256' }]);
  expect((await stat(join(temporary, 'postgres'))).mode & 0o777).toBe(0o700);
  await first.stop();
  expect(await isAlive(first.pid())).toBe(false);

  const second = await start();
  expect(await ask(second, 'select id from kept')).toEqual([{ id: 7 }]);
});

test('brings a killed server back with what was committed', async () => {
  const said: string[] = [];
  const postgres = await start({ say: (line) => said.push(line) });
  await ask(postgres, 'create table survives (id int)');
  const pid = postgres.pid();
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => said, { timeout: 15_000 }).toContain('PostgreSQL runs again');
  expect(postgres.pid()).not.toBe(pid);
  expect(await ask(postgres, 'select from survives')).toEqual([]);
});

test('brings a killed server back whose sessions are slow to notice', async () => {
  const said: string[] = [];
  let lost: unknown;
  const postgres = await start({ say: (line) => said.push(line), onLost: (error) => (lost = error) });
  const sessions = await Promise.all(Array.from({ length: 30 }, () => openSession(postgres)));
  for (const pid of sessions) process.kill(pid, 'SIGSTOP');
  process.kill(postgres.pid(), 'SIGKILL');
  await expect.poll(() => said).toContain('PostgreSQL died; starting it again');
  // Each writes its end into the log that the new server, which cannot start before the last has gone, writes to as well.
  for (const pid of sessions) {
    process.kill(pid, 'SIGCONT');
    await sleep(25);
  }
  await expect.poll(() => said.at(-1) ?? lost, { timeout: 15_000 }).toBe('PostgreSQL runs again');
  expect(lost).toBeUndefined();
  expect(await ask(postgres, 'select 1 as works')).toEqual([{ works: 1 }]);
});

/** Resolves with the process id of its backend. */
async function openSession(postgres: Postgres): Promise<number> {
  const client = new Client({ connectionString: postgres.adminUrl });
  client.on('error', () => undefined); // It ends with its server.
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? Number.NaN;
}

test('gives up on a server that keeps dying', async () => {
  let lost: unknown;
  const postgres = await start({ onLost: (error) => (lost = error) });
  for (let pid = 0; !lost; await sleep(20)) {
    if (postgres.pid() === pid) continue;
    pid = postgres.pid();
    process.kill(pid, 'SIGKILL');
  }
  expect((lost as Error).message).toMatch(/PostgreSQL died 6 times/);
});

test('ends the server that a killed start left behind and starts its own', async () => {
  const { process: killed, pid } = await startElsewhere();
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(await isAlive(pid)).toBe(true);

  const said: string[] = [];
  const postgres = await start({ say: (line) => said.push(line) });
  expect(said).toEqual([`ended the PostgreSQL (pid ${pid}) that an earlier start left behind`]);
  expect(await isAlive(pid)).toBe(false);
  expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('starts after server and start were killed together', async () => {
  const { process: killed, pid } = await startElsewhere();
  killed.kill('SIGKILL');
  process.kill(pid, 'SIGKILL');
  await once(killed, 'exit');
  expect(await ask(await start(), 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('ignores a pid file that names a program of somebody else', async () => {
  await (await start()).stop();
  const { uid, gid } = await stat(join(temporary, 'postgres'));
  const file = join(temporary, 'postgres/postmaster.pid');
  await writeFile(file, `${process.pid}\n${join(temporary, 'postgres')}\n1\n5432\n\n127.0.0.1\n1 1\nready\n`);
  await chown(file, uid, gid);
  expect(await ask(await start(), 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('starts anew when the first start was killed while it filled the folder', async () => {
  const folder = join(temporary, 'unfinished');
  await mkdir(`${folder}.half-made-1/cluster`, { recursive: true });
  await writeFile(`${folder}.half-made-1/cluster/PG_VERSION`, '18');
  expect(await ask(await start({ folder }), 'select 1 as one')).toEqual([{ one: 1 }]);
  expect((await readdir(temporary)).filter((name) => name.includes('half-made'))).toEqual([]);
});

test('names a port that another program has', async () => {
  const foreign = createServer().listen(0, '127.0.0.1');
  await once(foreign, 'listening');
  const { port } = foreign.address() as AddressInfo;
  const taken = `port ${port} for PostgreSQL is taken by another program, perhaps another PostgreSQL; set MICROBANK_POSTGRES_PORT`;
  await expect(start({ port })).rejects.toThrow(taken);
  foreign.close();
});

/** In a process of its own, so that it can be killed as a whole start can. */
async function startElsewhere(): Promise<{ process: ChildProcess; pid: number }> {
  const options = JSON.stringify({ folder: join(temporary, 'postgres'), port: 0, password });
  const module = JSON.stringify(join(import.meta.dirname, 'postgres.ts'));
  const script = `import(${module}).then(async (m) => console.log((await m.startPostgres({ ...${options}, say() {} })).pid()))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, pid: Number(pid) };
}
