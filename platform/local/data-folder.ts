// The folder of everything that is kept between runs, and the lock that lets only one start use it.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStart, explainFolderError } from './cannot-start.ts';
import { makePrivate } from './private-folder.ts';

/**
 * What a bank that runs says of itself: where it serves, where its functions are reached without the gateway, where events are posted, and
 * what the platform shows functions.
 */
export type RunningBank = { address: string; inside: string; broker: string; proof: string };

export type DataFolder = { path: string; nowServing: (bank: RunningBank) => void } & Disposable;

/** Long enough for a start whose npm was killed to notice and stop (it looks twice a second). */
const patienceMs = 4_000;

/** Makes the folder, closes it to everybody else and takes it for this process; the system gives it back when the process ends, however that happens. */
export async function takeDataFolder(wanted: string): Promise<DataFolder> {
  try {
    await mkdir(wanted, { recursive: true, mode: 0o700 });
    const path = await realpath(wanted);
    const lock = await takeLock(path);
    makePrivate(path);
    const note = join(path, 'running.json');
    const write = (bank?: RunningBank): void =>
      writeFileSync(note, JSON.stringify({ pid: process.pid, ...bank }), { mode: 0o600 });
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

/** The bank that serves from this folder; undefined without one, whatever a killed one has left there. */
export function findRunningBank(folder: string): RunningBank | undefined {
  if (!existsSync(join(folder, 'lock'))) return undefined;
  using lock = openLock(folder);
  try {
    lock.exec('begin exclusive');
    return undefined; // Nobody holds it; closing gives it back.
  } catch (error) {
    if (!isHeld(error)) throw unusable(folder, error);
  }
  const { address, inside, broker, proof } = readNote(folder) ?? {};
  return address === undefined || inside === undefined || broker === undefined || proof === undefined
    ? undefined
    : { address, inside, broker, proof };
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
      if (!isHeld(error)) throw unusable(folder, error);
      if (Date.now() > deadline)
        throw new CannotStart(`already running on ${folder}${whereItRuns(folder)}`, { cause: error });
      await sleep(100);
    }
  }
}

function isHeld(error: unknown): boolean {
  return /locked/.test(String(error));
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
  const note = readNote(folder);
  if (!note) return '';
  const where = note.address ? ` at ${note.address}` : ', which is still starting';
  return ` as process ${note.pid}${where}; stop it, or set MICROBANK_DATA to another folder`;
}

/** Undefined when it can't be read, as in the moment in which it is written. */
function readNote(folder: string): ({ pid: number } & Partial<RunningBank>) | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as { pid: number } & Partial<RunningBank>;
  } catch {
    return undefined;
  }
}
