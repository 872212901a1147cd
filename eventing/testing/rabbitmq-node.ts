// Where RabbitMQ's programs are, and the files and variables that keep a test's node apart from any other on the machine.
import { randomBytes, randomInt } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

export type Programs = { server: string; control: string; epmd: string };

export type NodeSettings = {
  folder: string;
  nodeName: string;
  port: number;
  epmdPort: number;
  url: string;
  logFile: string;
  environment: Record<string, string>;
};

// Debian's commands in /usr/sbin change to the user rabbitmq and to its data; the scripts behind them do not.
const usualFolders = ['/usr/lib/rabbitmq/bin', '/opt/homebrew/opt/rabbitmq/sbin', '/usr/local/opt/rabbitmq/sbin'];

/** @throws naming the package to install. */
export async function findPrograms(folders: readonly string[] = usualFolders): Promise<Programs> {
  const path = process.env['PATH']?.split(':') ?? [];
  const [server, control, epmd] = await Promise.all([
    findIn(folders, 'rabbitmq-server'),
    findIn(folders, 'rabbitmqctl'),
    findIn([...path, '/usr/bin', '/usr/local/bin'], 'epmd'),
  ]);
  if (server && control && epmd) return { server, control, epmd };
  const missing = [!server && 'rabbitmq-server', !control && 'rabbitmqctl', !epmd && 'epmd'].filter(Boolean).join(', ');
  throw new Error(`RabbitMQ is not installed (no ${missing}); install it with: apt-get install rabbitmq-server`);
}

/** Writes the node's files into the folder and chooses its ports. */
export async function prepareNode(folder: string): Promise<NodeSettings> {
  const [port, distributionPort, epmdPort] = await freePorts();
  const password = randomBytes(12).toString('hex');
  const logs = join(folder, 'log');
  await mkdir(logs, { recursive: true });
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const configuration = [
    `listeners.tcp.default = 127.0.0.1:${port}`,
    'default_user = bank',
    `default_pass = ${password}`,
    'log.file.level = info',
    // A small disk is no reason to block a test; the default is 50 MB.
    'disk_free_limit.absolute = 1MB',
  ].join('\n');

  return {
    folder,
    nodeName: `test-${port}@localhost`,
    port,
    epmdPort,
    url: `amqp://bank:${password}@127.0.0.1:${port}`,
    logFile: join(logs, 'rabbit.log'),
    environment: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      LANG: 'C.UTF-8',
      HOME: folder, // The Erlang cookie is made there.
      RABBITMQ_NODENAME: `test-${port}@localhost`,
      RABBITMQ_CONFIG_FILE: await write('rabbitmq.conf', `${configuration}\n`),
      RABBITMQ_ADVANCED_CONFIG_FILE: await write('advanced.config', '[].\n'),
      RABBITMQ_CONF_ENV_FILE: await write('rabbitmq-env.conf', ''),
      RABBITMQ_ENABLED_PLUGINS_FILE: await write('enabled_plugins', '[].\n'),
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_LOG_BASE: logs,
      RABBITMQ_LOGS: join(logs, 'rabbit.log'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
      RABBITMQ_DIST_PORT: String(distributionPort),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
      // Any free port for rabbitmqctl, so that tests side by side do not run out of its usual eleven.
      RABBITMQ_CTL_DIST_PORT_MIN: '0',
      RABBITMQ_CTL_DIST_PORT_MAX: '0',
      RABBITMQ_CTL_ERL_ARGS: '-start_epmd false',
      ERL_EPMD_PORT: String(epmdPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_CRASH_DUMP_SECONDS: '0',
    },
  };
}

async function findIn(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const file = join(folder, name);
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}

/**
 * Three ports below the range from which the system takes ports for outgoing connections. From that range, somebody else could be given
 * ours while the node is stopped; or a client that tries to reconnect could be given it, and would be connected to itself.
 */
async function freePorts(): Promise<[number, number, number]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < 3; tries++) {
    if (tries > 100) throw new Error('found no free ports for RabbitMQ');
    const port = randomInt(15_000, 32_000);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports] as [number, number, number];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
