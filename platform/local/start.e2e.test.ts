// `npm start` as a person and a careless system use it: started, started again, killed anywhere, and told nonsense.
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { sendRaw } from '../../functions/tests/api/testing/raw.ts';
import { startPostgres } from './postgres.ts';
import { bankPid, isAlive, npmStart, npmStartByNpm, postgresPid, signIn } from './testing/npm-start.ts';

const temporary = await mkdtemp(join(tmpdir(), 'microbank-start-'));
await chmod(temporary, 0o711);
const data = join(temporary, 'data');
afterAll(async () => rm(temporary, { recursive: true, force: true }));

const minute = { timeout: 60_000 };

async function signInStatus(address: string): Promise<number> {
  return (await signIn(address, data)).status;
}

async function tellerPassword(): Promise<string> {
  return (JSON.parse(await readFile(join(data, 'teller.json'), 'utf8')) as { password: string }).password;
}

test('serves the bank, shows the teller, and leaves nothing running after Ctrl-C', minute, async () => {
  const first = npmStart({ MICROBANK_DATA: data });
  const address = await first.ready();
  expect((await fetch(`${address}/healthz`)).status).toBe(200);
  expect(await signInStatus(address)).toBe(201);
  expect(first.output()).toContain(await tellerPassword());

  const pids = [await bankPid(data), await postgresPid(data)];
  first.process.kill('SIGINT');
  expect(await first.ended).toMatchObject({ code: 0 });
  expect(await Promise.all(pids.map(isAlive))).toEqual([false, false]);
});

test(
  'tells people one name and programs another, and serves neither gateway nor functions under a third',
  minute,
  async () => {
    const bank = npmStart({ MICROBANK_DATA: data });
    const { port } = new URL(await bank.ready());
    expect(bank.output()).toContain(`: http://microbank.localhost:${port} (API: http://localhost:${port}/api)`);

    const note = JSON.parse(await readFile(join(data, 'running.json'), 'utf8')) as { address: string; inside: string };
    expect(note.address).toBe(`http://localhost:${port}`);
    const statusOf = async (path: string, host: string): Promise<number> => {
      const origin = path.startsWith('/sign-in/') ? note.inside : `http://127.0.0.1:${port}`;
      return (await sendRaw(origin, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status;
    };
    for (const path of ['/', '/healthz', '/metrics', '/api/openapi.json', '/sign-in/.well-known/jwks.json']) {
      expect(await statusOf(path, 'microbank.localhost'), path).toBe(200);
      expect(await statusOf(path, 'evil.example'), path).toBe(421);
    }
  },
);

test('keeps its data from everybody else, also what an earlier start left open', minute, async () => {
  await chmod(data, 0o755);
  for (const file of ['lock', 'teller.json', 'secrets.json', 'signing-key.json', 'event-keys.json', 'postgres.log'])
    await chmod(join(data, file), 0o644);
  const bank = npmStart({ MICROBANK_DATA: data });
  await bank.ready();
  const isRoot = process.getuid?.() === 0;
  const found = await stat(data);
  // As root, PostgreSQL's user may walk through, by its group; nobody else may.
  expect(found.mode & 0o777).toBe(isRoot ? 0o710 : 0o700);
  const server = await stat(join(data, 'postgres'));
  expect([found.gid, server.uid === 0]).toEqual([server.gid, false]);

  const paths = await readdir(data, { recursive: true, withFileTypes: true });
  expect(paths.length).toBeGreaterThan(1_000);
  for (const { parentPath, name } of paths) {
    const path = join(parentPath, name);
    const mode = (await stat(path).catch(() => undefined))?.mode ?? 0; // PostgreSQL may have removed it by now.
    expect(mode & 0o077, path).toBe(0);
  }
});

test('keeps teller and tokens for the next start, and says the password no more', minute, async () => {
  const before = npmStart({ MICROBANK_DATA: data });
  const { access_token: token } = (await (await signIn(await before.ready(), data)).json()) as { access_token: string };
  before.process.kill('SIGTERM');
  expect(await before.ended).toMatchObject({ code: 0 });

  const again = npmStart({ MICROBANK_DATA: data });
  const users = await fetch(`${await again.ready()}/api/users`, { headers: { authorization: `Bearer ${token}` } });
  expect(users.status).toBe(200);
  expect(await users.json()).toHaveLength(1);
  expect(again.output()).not.toContain(await tellerPassword());
});

test('refuses a second start on the same folder, naming the first', minute, async () => {
  const address = await npmStart({ MICROBANK_DATA: data }).ready();
  const { code, output } = await npmStart({ MICROBANK_DATA: data }).ended;
  expect(code).toBe(1);
  expect(lastLine(output)).toBe(
    `microbank: already running on ${data} as process ${await bankPid(data)} at ${address}; stop it, or set MICROBANK_DATA to another folder`,
  );
  expect((await fetch(`${address}/healthz`)).status).toBe(200);
});

test('starts again after everything of it but PostgreSQL was killed', minute, async () => {
  const killed = npmStart({ MICROBANK_DATA: data });
  await killed.ready();
  const orphan = await postgresPid(data);
  process.kill(-(killed.process.pid as number), 'SIGKILL');
  await killed.ended;
  expect(await isAlive(orphan)).toBe(true);

  const next = npmStart({ MICROBANK_DATA: data });
  expect(await signInStatus(await next.ready())).toBe(201);
  expect(await isAlive(orphan)).toBe(false);
});

test.each([
  ['npm', npmStartByNpm],
  ['the process that npm runs', npmStart],
])('starts again right after %s was killed', minute, async (_, start) => {
  const killed = start({ MICROBANK_DATA: data });
  await killed.ready();
  const pid = await bankPid(data);
  killed.process.kill('SIGKILL');

  expect(await signInStatus(await npmStart({ MICROBANK_DATA: data }).ready())).toBe(201);
  expect(await isAlive(pid)).toBe(false);
});

test('starts again after a first start was killed at any moment', minute, async () => {
  const folder = join(temporary, 'interrupted');
  for (const afterMs of [300, 800, 1_300, 1_800]) {
    const killed = npmStart({ MICROBANK_DATA: folder });
    await sleep(afterMs);
    process.kill(-(killed.process.pid as number), 'SIGKILL');
    await killed.ended;
  }
  const next = npmStart({ MICROBANK_DATA: folder });
  expect((await signIn(await next.ready(), folder)).status).toBe(201);
});

test('serves on after PostgreSQL was killed', minute, async () => {
  const bank = npmStart({ MICROBANK_DATA: data });
  const address = await bank.ready();
  process.kill(await postgresPid(data), 'SIGKILL');
  await expect.poll(() => bank.output(), { timeout: 15_000 }).toContain('PostgreSQL runs again');
  expect(await signInStatus(address)).toBe(201);
});

test('stops at once when asked a second time, although a request is still coming in', minute, async () => {
  const bank = npmStart({ MICROBANK_DATA: data });
  const { port } = new URL(await bank.ready());
  const pids = [await bankPid(data), await postgresPid(data)];
  const slow = connect(Number(port), '127.0.0.1').on('error', () => {}); // It is cut off in the end.
  slow.write(
    'POST /api/sessions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );

  bank.process.kill('SIGINT');
  await expect.poll(() => bank.output(), { timeout: 10_000 }).toContain('Stopping');
  await sleep(1_000); // The drain waits for the rest of the request, and would for 10 s.
  expect(await Promise.all(pids.map(isAlive))).toEqual([true, true]);
  bank.process.kill('SIGINT');
  expect(await bank.ended).toMatchObject({ code: 130 });
  await expect.poll(async () => Promise.all(pids.map(isAlive)), { timeout: 5_000 }).toEqual([false, false]);
  slow.destroy();
});

test('works on the PostgreSQL of DATABASE_URL, a second time too', minute, async () => {
  const folder = join(temporary, 'foreign');
  const foreign = await startPostgres({ folder, port: 0, password: 'foreign', say: () => {} });
  try {
    for (const name of ['one', 'other']) {
      const own = join(temporary, `foreign-data-${name}`); // A lost data folder, seen from the server.
      const bank = npmStart({ MICROBANK_DATA: own, DATABASE_URL: foreign.adminUrl });
      expect((await signIn(await bank.ready(), own)).status).toBe(201);
      bank.process.kill('SIGINT');
      expect(await bank.ended).toMatchObject({ code: 0 });
    }
  } finally {
    await foreign.stop();
  }
});

test('says in one line what is wrong, and ends with 1', minute, async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const port = String((taken.address() as AddressInfo).port);
  await writeFile(join(temporary, 'file'), '');
  const nowhere = 'postgres://somebody@127.0.0.1:1/postgres';
  const cases: [Record<string, string>, RegExp][] = [
    [{ PORT: port }, /^microbank: port \d+ is taken by another program; set PORT to another one$/],
    [{ MICROBANK_POSTGRES_PORT: port }, /^microbank: port \d+ for PostgreSQL is taken by another program/],
    [
      { MICROBANK_DATA: join(temporary, 'file') },
      /^microbank: \S+\/file is not a folder; set MICROBANK_DATA to another one$/,
    ],
    [{ DATABASE_URL: nowhere }, /^microbank: cannot connect to PostgreSQL at 127.0.0.1:1: /],
    [{ AMQP_URL: 'localhost:5672' }, /^microbank: AMQP_URL is not an amqp:\/\/ or amqps:\/\/ address$/],
    [{ PORT: 'eighty' }, /^microbank: PORT is not a port number$/],
  ];
  for (const [environment, line] of cases) {
    const { code, output } = await npmStart({ MICROBANK_DATA: data, ...environment }).ended;
    expect(lastLine(output)).toMatch(line);
    expect(code).toBe(1);
  }
  taken.close();
});

test('says in one line that it may not write the data folder', minute, async () => {
  const folder = await unwritableFolder();
  const { code, output } = await npmStart({ MICROBANK_DATA: folder }).ended;
  expect(lastLine(output)).toBe(
    `microbank: no permission to write the data folder ${folder}; set MICROBANK_DATA to another one`,
  );
  expect(code).toBe(1);
});

async function unwritableFolder(): Promise<string> {
  if (process.getuid?.() === 0) return '/sys/microbank'; // Nearly the only place where root may not make a folder.
  const folder = join(temporary, 'read-only');
  await mkdir(folder, { mode: 0o500 });
  return folder;
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1);
}
