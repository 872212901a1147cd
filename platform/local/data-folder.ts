// The folder of everything that is kept between runs, and the lock that lets only one start use it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStart, explainFolderError } from './cannot-start.ts';

export type DataFolder = { path: string; nowServing: (address: string) => void } & Disposable;

/** Long enough for a start whose npm was killed to notice and stop (it looks twice a second). */
const patienceMs = 4_000;

/** Makes the folder and takes it for this process; the system gives it back when the process ends, however that happens. */
export async function takeDataFolder(wanted: string): Promise<DataFolder> {
  try {
    // Others may walk through, since PostgreSQL may run as another user; every file in it is its owner's alone.
    await mkdir(wanted, { recursive: true, mode: 0o711 });
    const path = await realpath(wanted);
    const lock = await takeLock(path);
    const note = join(path, 'running.json');
    const write = (address?: string): void =>
      writeFileSync(note, JSON.stringify({ pid: process.pid, address }), { mode: 0o600 });
    write();
    return {
      path,
      nowServing: write,
      [Symbol.dispose]: () => {
        rmSync(note, { force: true });
        lock.close();
      },
    };
  } catch (error) {
    throw explainFolderError(error, wanted);
  }
}

// SQLite's lock on an empty file: no other kind that Node can take vanishes by itself when its process is killed.
async function takeLock(folder: string): Promise<DatabaseSync> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const lock = openLock(folder);
    try {
      lock.exec('begin exclusive');
      return lock;
    } catch (error) {
      lock.close();
      if (!/locked/.test(String(error))) throw unusable(folder, error);
      if (Date.now() > deadline)
        throw new CannotStart(`already running on ${folder}${whereItRuns(folder)}`, { cause: error });
      await sleep(100);
    }
  }
}

function openLock(folder: string): DatabaseSync {
  try {
    return new DatabaseSync(join(folder, 'lock'));
  } catch (error) {
    throw unusable(folder, error);
  }
}

function unusable(folder: string, cause: unknown): CannotStart {
  return new CannotStart(`cannot write to the data folder ${folder}; set MICROBANK_DATA to another one`, { cause });
}

function whereItRuns(folder: string): string {
  try {
    const { pid, address } = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as {
      pid: number;
      address?: string;
    };
    return ` as process ${pid}${address ? ` at ${address}` : ', which is still starting'}; stop it, or set MICROBANK_DATA to another folder`;
  } catch {
    return '';
  }
}
