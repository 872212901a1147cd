// The yardstick: pgbench's own tpcb-like transaction, prepared, on the same server that the bank uses.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);
const database = 'microbank_yardstick';

export type Pgbench = {
  /** Transactions per second and mean latency in ms, connecting not counted. */
  measure: (clients: number, seconds: number) => Promise<{ answered: number; perSecond: number; meanMs: number }>;
};

/** In PATH, or where Debian puts it. */
export async function findPgbench(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql';
  const versions = await readdir(debian).catch(() => []);
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin')),
  ];
  for (const file of folders.map((folder) => join(folder, 'pgbench'))) {
    // Asked rather than looked at: Debian's wrapper in the PATH stays when pgbench itself is not there.
    if (existsSync(file) && (await answersVersion(file))) return file;
  }
  return undefined;
}

function answersVersion(program: string): Promise<boolean> {
  return run(program, ['--version']).then(
    () => true,
    () => false,
  );
}

/** Makes a database of `scale` × 100,000 accounts on the server. */
export async function preparePgbench(program: string, adminUrl: string, scale: number): Promise<Pgbench> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${database}`).finally(() => admin.end());
  const { hostname, port, username, password } = new URL(adminUrl);
  const env = { PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: password, PGDATABASE: database };
  const pgbench = async (...args: string[]): Promise<string> => (await run(program, args, { env })).stdout;
  await pgbench('--initialize', '--quiet', `--scale=${scale}`);
  return {
    async measure(clients, seconds) {
      const threads = Math.min(clients, availableParallelism());
      const said = await pgbench(
        ...['--builtin=tpcb-like', '--protocol=prepared', '--no-vacuum'],
        ...[`--client=${clients}`, `--jobs=${threads}`, `--time=${Math.ceil(seconds)}`],
      );
      const perSecond = Number(/^tps = ([\d.]+)/m.exec(said)?.[1]);
      const meanMs = Number(/^latency average = ([\d.]+) ms/m.exec(said)?.[1]);
      const answered = Number(/^number of transactions actually processed: (\d+)/m.exec(said)?.[1]);
      if (!(perSecond > 0 && answered > 0)) throw new Error(`pgbench said something else than expected:\n${said}`);
      return { answered, perSecond, meanMs };
    },
  };
}
