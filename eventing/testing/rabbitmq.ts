// A RabbitMQ node of a test's own, from Debian's rabbitmq-server: own ports, data and epmd, so that no other one notices.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findPrograms, prepareNode, type NodeSettings, type Programs } from './rabbitmq-node.ts';

export type RabbitMq = {
  /** amqp://user:password@127.0.0.1:port; the same for as long as this node exists. */
  url: string;
  /** Again after `stop` or `kill`, with the same data on the same port. Resolves when it takes connections. */
  start: () => Promise<void>;
  /** Ends it in order, as a package upgrade does. */
  stop: () => Promise<void>;
  /** `kill -9`: what was not on disk is lost. */
  kill: () => Promise<void>;
  /** Stops its process without ending it: it takes connections and answers nothing. */
  freeze: () => void;
  thaw: () => void;
  /** While it is on, RabbitMQ reads nothing from connections that have published. */
  setMemoryAlarm: (on: boolean) => Promise<void>;
  /** Ends the connections of all clients; they may come back. */
  closeConnections: () => Promise<void>;
  /** Runs rabbitmqctl, e.g. `control('list_queues', 'name', 'messages')`; resolves with what it printed. Takes about a second. */
  control: (...words: string[]) => Promise<string>;
  /** Ends the node and everything that belongs to it, and removes its data unless the caller gave the folder. */
  close: () => Promise<void>;
};

const readyMs = 60_000;
const stopMs = 20_000;

/** Starts a node and waits until it takes connections. @throws naming the package when RabbitMQ is not installed. */
export async function startRabbitMq(options: { folder?: string } = {}): Promise<RabbitMq> {
  const programs = await findPrograms();
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'rabbitmq-')));
  await mkdir(folder, { recursive: true });
  const settings = await prepareNode(folder);
  const epmd = startEpmd(programs, settings);
  const guard = startGuard(options.folder === undefined ? folder : undefined);
  guard.watch(epmd);
  let node: ChildProcess | undefined;

  const control = async (...words: string[]): Promise<string> => {
    const args = ['--node', settings.nodeName, '--quiet', ...words];
    return (await promisify(execFile)(programs.control, args, { env: settings.environment, cwd: folder })).stdout;
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = node;
    node = undefined;
    ending?.kill('SIGCONT'); // Frozen, it would not hear that it is to stop.
    if (ending) await endProcess(ending, signal);
    guard.watch(epmd);
  };

  const rabbit: RabbitMq = {
    url: settings.url,
    control,
    async start() {
      if (node) throw new Error('this RabbitMQ runs already');
      node = spawnNode(programs, settings);
      guard.watch(epmd, node);
      await untilReady(node, settings);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => void node?.kill('SIGSTOP'),
    thaw: () => void node?.kill('SIGCONT'),
    async setMemoryAlarm(on) {
      // Nothing fits into a millionth of the memory. 0.4 is RabbitMQ's own default.
      await control('set_vm_memory_high_watermark', on ? '0.000001' : '0.4');
    },
    async closeConnections() {
      await control('close_all_connections', 'closed by a test');
    },
    async close() {
      await end('SIGTERM');
      await endProcess(epmd, 'SIGKILL');
      guard.dismiss();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
  await rabbit.start().catch(async (error: unknown) => {
    await rabbit.kill();
    await rabbit.close();
    throw error;
  });
  return rabbit;
}

/** Erlang's name server. Ours, in the foreground: the one that a node would start by itself outlives it. */
function startEpmd({ epmd }: Programs, { epmdPort, environment, folder }: NodeSettings): ChildProcess {
  return spawn(epmd, ['-address', '127.0.0.1', '-port', String(epmdPort)], {
    env: environment,
    cwd: folder,
    stdio: 'ignore',
    detached: true,
  });
}

function spawnNode({ server }: Programs, { environment, folder }: NodeSettings): ChildProcess {
  // The variable makes the start script become the server instead of waiting for it, so that signals reach the server itself.
  return spawn(server, ['-noinput'], {
    env: { ...environment, RUNNING_UNDER_SYSTEMD: 'true' },
    cwd: folder,
    stdio: 'ignore',
    detached: true,
  });
}

type Guard = {
  /** These are to end with us, and no others. */
  watch: (...children: ChildProcess[]) => void;
  dismiss: () => void;
};

/** A test process that is killed cannot clean up; its end closes the pipe that the guard reads. */
function startGuard(folder: string | undefined): Guard {
  const script = 'while read -r line; do pids=$line; done; kill -9 $pids; [ -z "$1" ] || rm -rf "$1"';
  const guard = spawn('/bin/sh', ['-c', script, 'sh', folder ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.stdin.on('error', () => undefined); // Somebody ended the guard: then there is no guard.
  return {
    watch: (...children) => guard.stdin.write(`${children.map(({ pid }) => pid).join(' ')}\n`),
    dismiss: () => guard.kill('SIGKILL'),
  };
}

async function untilReady(node: ChildProcess, settings: NodeSettings): Promise<void> {
  const deadline = Date.now() + readyMs;
  while (!(await takesConnections(settings.port))) {
    const ended = node.exitCode !== null || node.signalCode !== null;
    if (ended || Date.now() > deadline) {
      const why = ended ? 'ended while it started' : `was not ready within ${readyMs / 1_000} s`;
      const said = await readFile(settings.logFile, 'utf8').catch(() => '(it wrote no log)');
      throw new Error(`RabbitMQ ${why}; its log ends with:\n${said.split('\n').slice(-30).join('\n')}`);
    }
    await sleep(50);
  }
}

/** RabbitMQ listens before it is ready to speak, so it is asked for its first frame. */
function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 });
    const answer = (ready: boolean) => () => {
      socket.destroy();
      resolve(ready);
    };
    socket.on('connect', () => socket.write('AMQP\0\0\x09\x01', 'latin1'));
    socket.on('data', answer(true)).on('error', answer(false)).on('timeout', answer(false)).on('close', answer(false));
  });
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit').then(() => true);
  child.kill(signal);
  if (await Promise.race([gone, sleep(stopMs, false, { ref: false })])) return;
  child.kill('SIGKILL');
  await gone;
}
