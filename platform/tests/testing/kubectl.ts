// kubectl as the tests use it: on the cluster that KUBECONFIG names, in the bank's namespace.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

export const namespace = 'microbank';

const outputBytesMax = 64 * 1024 * 1024;

/** What it prints. Rejects with what it says on stderr. */
export async function kubectl(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('kubectl', ['--namespace', namespace, ...words], {
    maxBuffer: outputBytesMax,
  });
  return stdout;
}

/** Each object names its namespace. */
export async function applyYaml(yaml: string): Promise<void> {
  const child = spawn('kubectl', ['apply', '--filename', '-'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(yaml);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`kubectl apply ended with ${code}`);
}

export type Listed = {
  metadata: {
    name: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp: string;
    deletionTimestamp?: string;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
};

export async function list<T extends Listed>(kind: string, selector = '', of: string = namespace): Promise<T[]> {
  const words = [
    'get',
    kind,
    '--namespace',
    of,
    '--output',
    'json',
    ...(selector === '' ? [] : ['--selector', selector]),
  ];
  return (JSON.parse(await kubectl(...words)) as { items: T[] }).items;
}

/** Of a Secret, decoded. */
export async function secret(name: string): Promise<Record<string, string>> {
  const { data } = JSON.parse(await kubectl('get', 'secret', name, '--output', 'json')) as {
    data: Record<string, string>;
  };
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

/** Runs in a container that has Node; rejects when it ends with an error. */
export async function execNode(
  pod: string,
  container: string,
  script: string,
  of: string = namespace,
): Promise<string> {
  const words = ['exec', pod, '--namespace', of, '--container', container, '--', '/usr/local/bin/node', '-e', script];
  return kubectl(...words);
}

export type Forwarded = AsyncDisposable & { url: string };

/** `http://127.0.0.1:<port>` for a Service's port, or that of `pod/NAME`, until disposed of. */
export async function portForward(service: string, port: number, of: string = namespace): Promise<Forwarded> {
  const target = service.includes('/') ? service : `service/${service}`;
  const child = spawn('kubectl', ['--namespace', of, 'port-forward', target, `:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let local: string | undefined;
  while ((local = /127\.0\.0\.1:(\d+)/.exec(output)?.[1]) === undefined) {
    const what = await Promise.race([once(child.stdout, 'data'), ended.then(() => 'ended')]);
    if (what === 'ended') throw new Error(`cannot forward a port to ${target}`);
  }
  return {
    url: `http://127.0.0.1:${local}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
