// The folder of the embedded PostgreSQL: made whole or not at all, and taken back from a server that an earlier start left behind.
import { existsSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execFileSync } from 'node:child_process';
import { CannotStart } from './cannot-start.ts';
import type { ServerUser } from './postgres-user.ts';

/** Name of the server's superuser. */
export const adminName = 'microbank_admin';

/** LC_ALL and TZ are fixed, so that messages, sorting and time zone do not depend on the machine. */
export const serverEnvironment = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };

/** PostgreSQL's own rules for UTF-8. */
const noLanguage = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

/**
 * Fills `folder` with a new cluster. initdb works in a folder beside it and the rename is the moment when the cluster exists,
 * so a start that was killed half-way leaves nothing that looks like one.
 */
export async function initialise(
  folder: string,
  initdb: string,
  user: ServerUser,
  password: string,
  locale: readonly string[] = noLanguage,
): Promise<void> {
  await removeHalfMade(folder);
  const workshop = `${folder}.half-made-${process.pid}`;
  const passwordFile = join(workshop, 'password');
  const cluster = join(workshop, 'cluster');
  await mkdir(workshop, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  for (const path of [passwordFile, workshop]) user.own(path);

  const access = [`--username=${adminName}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const child = user.spawn(initdb, [`--pgdata=${cluster}`, ...access, '--encoding=UTF8', ...locale], {
    env: serverEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0)
    throw new CannotStart(`initdb failed (${signal ?? code}): ${complaints.trim().replace(/\s*\n\s*/g, ' ')}`);

  await rename(cluster, folder);
  await rm(workshop, { recursive: true, force: true });
}

async function removeHalfMade(folder: string): Promise<void> {
  const leftovers = (await readdir(dirname(folder))).filter((name) =>
    name.startsWith(`${basename(folder)}.half-made-`),
  );
  for (const name of leftovers) {
    // An initdb whose parent was killed may still be writing there; what it adds now goes with the next start.
    await rm(join(dirname(folder), name), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(
      () => {},
    );
  }
}

export function isInitialised(folder: string): boolean {
  return existsSync(join(folder, 'PG_VERSION'));
}

/** Of postmaster.pid the process id, the port and, in its last line, the state; undefined when there is no such file. */
export async function readPidFile(folder: string): Promise<{ pid: number; port: number; state: string } | undefined> {
  const text = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const lines = text?.split('\n') ?? [];
  return text === undefined
    ? undefined
    : { pid: Number(lines[0]), port: Number(lines[3]), state: lines[7]?.trim() ?? '' };
}

/**
 * Ends the server that an earlier start left running in `folder` after it was killed. Returns its process id, if there was one.
 * A pid that now belongs to another program is only forgotten.
 */
export async function endOrphan(folder: string): Promise<number | undefined> {
  const found = await readPidFile(folder);
  if (!found) return undefined;
  if (!isServerOf(folder, found.pid)) {
    await rm(join(folder, 'postmaster.pid'), { force: true });
    return undefined;
  }
  for (const [signal, patienceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
  ] as const) {
    // Fast shutdown, then immediate.
    process.kill(found.pid, signal);
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      if (!isServerOf(folder, found.pid)) return found.pid;
      await sleep(20);
    }
  }
  throw new CannotStart(`PostgreSQL of an earlier start (pid ${found.pid}) does not stop; end it, then start again`);
}

function isServerOf(folder: string, pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false;
  return commandLine(pid).includes(folder);
}

function commandLine(pid: number): string {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // No such process.
  }
}
