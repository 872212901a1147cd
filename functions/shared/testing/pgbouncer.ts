// A real PgBouncer in transaction mode in front of the test's PostgreSQL, as a cluster has one. Stops with the test file.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll } from 'vitest';

/** Not in everybody's PATH. */
const program = '/usr/sbin/pgbouncer';

/** `major * 100 + minor`; named statements work in transaction mode from 121 on. */
export async function pgbouncerVersion(): Promise<number> {
  const { stdout } = await promisify(execFile)(program, ['--version']);
  const [, major, minor] = /PgBouncer (\d+)\.(\d+)/.exec(stdout) ?? [];
  return Number(major) * 100 + Number(minor);
}

/** The address through the pooler for an address of the server itself. One connection there serves everybody in turn. */
export async function givenPooler(url: string): Promise<string> {
  const { hostname, port, username, password } = new URL(url);
  const folder = await mkdtemp(join(tmpdir(), 'microbank-pgbouncer-'));
  const pooled = new URL(url);
  pooled.port = String(await freePort());
  const lines = [
    '[databases]',
    `* = host=${hostname} port=${port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${pooled.port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${folder}/users.txt`,
    'pool_mode = transaction',
    'default_pool_size = 1',
    ...(process.getuid?.() === 0 ? ['user = nobody'] : []), // It refuses to stay root.
    ...((await pgbouncerVersion()) >= 121 ? ['max_prepared_statements = 200'] : []),
  ];
  await writeFile(join(folder, 'pgbouncer.ini'), lines.join('\n'));
  await writeFile(join(folder, 'users.txt'), `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`);
  await chmod(folder, 0o755);
  await start(folder);
  return pooled.href;
}

async function start(folder: string): Promise<void> {
  const child = spawn(program, [join(folder, 'pgbouncer.ini')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  afterAll(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => reject(new Error(`PgBouncer did not start:\n${said}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('process up')) resolve();
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
