// Runs what `npm start` runs, as real processes, and reads what it says.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { checkout } from '../settings.ts';

export type Started = {
  /** Of bootstrap.mjs, or of npm; the bank itself runs below it. */
  process: ChildProcess;
  output: () => string;
  /** Resolves with the gateway's address once it serves; rejects when the process ends before that. */
  ready: () => Promise<string>;
  /** Exit code and all that was printed. */
  ended: Promise<{ code: number | null; output: string }>;
};

/** On any free ports unless the environment says otherwise; stopped at the end of the test if it still runs. */
export function npmStart(environment: Record<string, string>, ...args: string[]): Started {
  return untilTestEnds(launchBank(environment, ...args));
}

/** The same below a real npm. */
export function npmStartByNpm(environment: Record<string, string>): Started {
  return untilTestEnds(launch('npm', ['start'], environment));
}

function untilTestEnds(bank: Launched): Started {
  onTestFinished(bank.stop);
  return bank;
}

export type Launched = Started & { stop: () => Promise<void> };

/** As npmStart, for more than one test: who launches it stops it. */
export function launchBank(environment: Record<string, string>, ...args: string[]): Launched {
  return launch(process.execPath, ['platform/local/bootstrap.mjs', 'platform/local/start.ts', ...args], environment);
}

function launch(program: string, args: readonly string[], environment: Record<string, string>): Launched {
  const child = spawn(program, args, {
    cwd: checkout,
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', MICROBANK_POSTGRES_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // A process group of its own, as a terminal gives it.
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  const address = (): string | undefined => /Ready in .*: (http:\S+)\/api/.exec(output)?.[1];
  return {
    process: child,
    output: () => output,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
    async ready() {
      while (!address()) {
        const next = await Promise.race([once(child.stdout, 'data'), ended.then(() => 'ended')]);
        if (next === 'ended' && !address()) throw new Error(`it ended before it was ready:\n${output}`);
      }
      return address() as string;
    },
  };
}

/** The process of the bank itself, from the note it keeps in its data folder. */
export async function bankPid(dataFolder: string): Promise<number> {
  return (JSON.parse(await readFile(join(dataFolder, 'running.json'), 'utf8')) as { pid: number }).pid;
}

export async function postgresPid(dataFolder: string): Promise<number> {
  return Number((await readFile(join(dataFolder, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
}

export async function isAlive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return state !== undefined && !state.includes(') Z');
}

export async function signIn(address: string, dataFolder: string): Promise<Response> {
  const teller = JSON.parse(await readFile(join(dataFolder, 'teller.json'), 'utf8')) as Record<string, string>;
  return fetch(`${address}/api/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: teller['email'], password: teller['password'] }),
  });
}
