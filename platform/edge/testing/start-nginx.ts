// Starts real nginx with the rendered configuration: only ports, folders and the upstream's address differ from what is checked in.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContracts } from '../../../eventing/contracts/contract-files.ts';
import { edgeSecretHeader } from '../../../functions/shared/serving/from-edge.ts';
import { images, renderImage, renderNginx, type ImageParts } from '../edge-files.ts';
import { edgeSettings, type EdgeSettings } from '../settings.ts';

/** What functions know this edge by. */
export const edgeSecret = 'shown-by-the-edge-of-a-test';

export type Nginx = {
  url: string;
  port: number;
  httpsPort: number;
  /** Holds `pages` and `documents`, `keys` and `tls`. */
  folder: string;
  /** Lines of the access log so far. */
  log: () => Promise<Record<string, unknown>[]>;
  /** Everything that nginx said besides. */
  errors: () => string;
  stop: () => Promise<void>;
};

/** NGINX_PROGRAM names another one, e.g. that of the image. */
const program = process.env['NGINX_PROGRAM'] ?? '/usr/sbin/nginx';

export async function startNginx(changes: Partial<EdgeSettings>): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-edge-'));
  // Started by root, nginx works as another user.
  await chmod(folder, 0o755);
  const [httpPort, httpsPort, relayPort] = await freePorts();
  const settings = {
    ...edgeSettings,
    ...{ httpPort, httpsPort, relayPort },
    ...{ configFolder: folder, filesFolder: folder, temporaryFolder: join(folder, 'tmp') },
    ...changes,
  };
  await writeFolder(join(folder, 'nginx'), renderNginx(await readContracts(), settings));
  await writeFolder(join(folder, 'image'), renderImage(partsOf(program), httpsPort));
  await writeFolder(
    join(folder, 'secret'),
    new Map([['edge-secret.conf', `proxy_set_header ${edgeSecretHeader} ${edgeSecret};\n`]]),
  );
  for (const name of ['pages', 'documents', 'keys', 'tls', 'tmp']) await mkdir(join(folder, name), { recursive: true });

  // A file: nginx opens /dev/stdout by its name, which the sockets that Node makes for pipes do not allow.
  const log = await open(join(folder, 'access.log'), 'w');
  const child = spawn(program, argumentsFor(folder), { stdio: ['ignore', log.fd, 'pipe'] });
  await log.close();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close');
  const url = `http://127.0.0.1:${httpPort}`;
  await untilHealthy(
    url,
    () => child.exitCode !== null,
    () => said,
  );
  return {
    url,
    port: httpPort,
    httpsPort,
    folder,
    log: async () => parseLines(await readFile(join(folder, 'access.log'), 'utf8')),
    errors: () => said,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What `nginx -t` says of an edge's files. */
export function checkConfiguration(folder: string): string {
  return spawnSync(program, ['-t', ...argumentsFor(folder)], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
    .stderr;
}

function argumentsFor(folder: string): string[] {
  return ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx', 'nginx.conf')];
}

/** What fits the program: Debian's has its modules as files, others have them built in. */
function partsOf(nginx: string): ImageParts {
  const { stderr } = spawnSync(nginx, ['-V'], { encoding: 'utf8' });
  const [, major = '0', minor = '0'] = /nginx\/(\d+)\.(\d+)/.exec(stderr) ?? [];
  const isDebian = stderr.includes('--with-stream=dynamic');
  const parts = images[isDebian ? 'debian-12' : 'official'] as ImageParts;
  return { ...parts, hasHttp2Directive: Number(major) > 1 || Number(minor) > 24 };
}

async function writeFolder(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of files) await writeFile(join(folder, name), text);
}

async function freePorts(): Promise<[number, number, number]> {
  const servers = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, number, number];
}

function parseLines(text: string): Record<string, unknown>[] {
  return text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Record<string, unknown>] : []));
}

async function untilHealthy(url: string, hasEnded: () => boolean, said: () => string): Promise<void> {
  for (let tries = 0; tries < 200 && !hasEnded(); tries++) {
    const response = await fetch(`${url}/healthz`).catch(() => undefined);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nginx does not serve: ${said()}`);
}
