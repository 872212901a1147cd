// Starts a bank for the measurement: the very program that `npm start` runs, in a process of its own, on a temporary folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminName } from '../local/postgres-folder.ts';
import { checkout } from '../local/settings.ts';

export type OwnBank = {
  /** `http://localhost:<port>` */
  origin: string;
  /** Its data folder, which goes with it. */
  folder: string;
  teller: { email: string; password: string };
  /** The superuser's address of its PostgreSQL, database `postgres`. */
  adminUrl: string;
  pid: number;
  postgresPid: number;
  stop: () => Promise<void>;
};

/**
 * Rejects with what the bank said when it does not start. `nodeFlags` go to its Node, e.g. for a profile; `environment` is what
 * `npm start` is told besides: with a DATABASE_URL there is no PostgreSQL of its own, and `postgresPid` is 0; a MICROBANK_DATA is
 * left as it is when the bank stops.
 */
export async function startOwnBank(
  nodeFlags: readonly string[] = [],
  environment: Record<string, string> = {},
): Promise<OwnBank> {
  const { MICROBANK_DATA: kept } = environment;
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'microbank-bench-')));
  const child = spawn(process.execPath, [...nodeFlags, join(checkout, 'platform/local/start.ts')], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      MICROBANK_POSTGRES_PORT: '0',
      MICROBANK_DATA: folder,
      MICROBANK_STARTED_BY: String(process.pid), // If this process is killed, the bank goes as well.
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // Ctrl-C reaches us alone; we stop it.
  });
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
  };
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const origin = (): string | undefined => /Ready in .*: (http:\S+)\/api/.exec(output)?.[1];
  while (origin() === undefined) {
    if ((await Promise.race([once(child.stdout, 'data'), ended.then(() => 'ended')])) === 'ended') {
      await stop();
      throw new Error(`the bank did not start:\n${output}`);
    }
  }
  const read = async (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
  const common = {
    origin: origin() as string,
    folder,
    teller: JSON.parse(await read('teller.json')) as OwnBank['teller'],
    pid: child.pid as number,
    stop,
  };
  const { DATABASE_URL: adminUrl } = environment;
  if (adminUrl !== undefined) return { ...common, adminUrl, postgresPid: 0 };
  const { postgres: password } = JSON.parse(await read('secrets.json')) as { postgres: string };
  const [postgresPid, , , postgresPort] = (await read('postgres/postmaster.pid')).split('\n');
  return {
    ...common,
    adminUrl: `postgres://${adminName}:${password}@127.0.0.1:${postgresPort}/postgres`,
    postgresPid: Number(postgresPid),
  };
}
