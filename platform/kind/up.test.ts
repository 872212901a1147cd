// up.sh without a cluster: what it plans, and what it refuses in one line. kubectl, kind, docker and curl are fakes, scripts of this file.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenOnce } from './testing/listen-once.ts';

/** What the scripts call of a usual machine; nothing else of this one is in their PATH. */
const usual =
  'bash awk basename cat cut dirname env find grep head mkdir mktemp mv openssl rm sed sha256sum sleep sort tail touch tr xargs';

const checkout = await mkdtemp(join(tmpdir(), 'microbank-kind-'));
const kind = join(checkout, 'platform/kind');
const machine = join(checkout, 'bin');

beforeAll(async () => {
  await cp(import.meta.dirname, kind, { recursive: true });
  await mkdir(join(checkout, 'platform/base/data'), { recursive: true });
  await writeFile(
    join(checkout, 'platform/base/data/database-secrets.txt'),
    '# secret role database host\ndatabase-ledger microbank_ledger ledger bank-pooler\n',
  );
  await mkdir(machine);
  for (const name of usual.split(' ')) {
    const { stdout } = await promisify(execFile)('sh', ['-c', `command -v ${name}`]);
    await symlink(stdout.trim(), join(machine, name));
  }
});
afterAll(async () => rm(checkout, { recursive: true }));

const kubectl = `case "$1" in
  version) echo '{"clientVersion": {"gitVersion": "v1.34.4"}}' ;;
  kustomize) cat "$(dirname "$0")/rendered.yaml" ;;
  config) echo kind-microbank ;;
  *) exit 0 ;;
esac`;
const docker = `case "$*" in *MemTotal*) echo 16000000000 ;; esac`;
const newKind = `case "$1" in version) echo 'kind v0.33.0 go1.26.1 linux/amd64' ;; esac`;
const usualFakes = { kubectl, docker, kind: newKind, curl: 'exit 22' };

const rendered = `apiVersion: v1
kind: Namespace
metadata:
  labels:
    microbank.dev/part: namespaces
  name: microbank
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  labels:
    microbank.dev/part: functions
  name: deposit
spec:
  template:
    metadata:
      name: not-this
`;

type Fakes = Record<string, string>;
type Ended = { code: number; stdout: string; stderr: string };

async function up(args: string, fakes: Fakes = usualFakes, environment: Record<string, string> = {}): Promise<Ended> {
  const folder = await mkdtemp(join(checkout, 'fakes-'));
  for (const [name, script] of Object.entries(fakes)) {
    await writeFile(join(folder, name), `#!/usr/bin/env bash\n${script}\n`, { mode: 0o755 });
  }
  await writeFile(join(folder, 'rendered.yaml'), rendered);
  const env = { PATH: `${folder}:${machine}`, HOME: checkout, TAG: 'of-test', WAIT_SECONDS: '2', ...environment };
  const words = args.split(' ').filter((word) => word !== '');
  return promisify(execFile)(join(kind, 'up.sh'), words, { env }).then(
    (output) => ({ code: 0, ...output }),
    (error: unknown) => error as Ended,
  );
}

test('plans each step and object in order, and asks no cluster', async () => {
  const { code, stdout, stderr } = await up('--plan', { kubectl: kubectl.replace('*) exit 0', '*) exit 1') });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout.match(/^-- .*/gm)).toEqual([
    ...['-- cluster', '-- components', '-- images', '-- bank', '-- monitoring', '-- smoke'],
  ]);
  const numbers = [...stdout.matchAll(/^ *(\d+)\. /gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  for (const line of [
    'Namespace microbank',
    'Secret database-ledger',
    'Service deposit',
    'ConfigMap verification-keys',
  ]) {
    expect(stdout).toContain(`       ${line}\n`);
  }
  expect(stdout).not.toContain('not-this');
  const order = ['migrate the databases', 'the functions\n', 'Triggers and sources', 'smoke.sh'].map((text) =>
    stdout.indexOf(text),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order).not.toContain(-1);
});

test('the settings roll what reads only at its start where metrics go, with what the cluster says', async () => {
  const said = kubectl.replace(
    '*) exit 0',
    `--namespace) case "$3" in get) printf prometheus ;; patch) echo "$*" >>"$HOME/patched" ;; esac ;;
  *) exit 0`,
  );
  const { code, stderr } = await up('settings', { ...usualFakes, kubectl: said });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const patched = await readFile(join(checkout, 'patched'), 'utf8');
  const note = '"annotations":{"microbank.dev/metrics-protocol":"prometheus"}';
  const names = [...patched.matchAll(/patch deployment (\w+) .*/g)].map(([line, name]) => [name, line.includes(note)]);
  expect(names).toEqual([
    ['activator', true],
    ['autoscaler', true],
  ]);
});

test('plans one phase alone', async () => {
  const { stdout } = await up('--plan images', { kubectl });
  expect(stdout).toContain('build dev.local/microbank/functions:of-test');
  expect(stdout).not.toContain('-- bank');
});

const without = (name: string): Fakes =>
  Object.fromEntries(Object.entries(usualFakes).filter(([other]) => other !== name));
const exists = `case "$1" in version) echo 'kind v0.33.0' ;; get) echo microbank ;; esac`;
const deadCluster = kubectl.replace('*) exit 0', '*) exit 1');
const terminating = kubectl.replace('config)', 'get) case "$2" in namespace) echo Terminating ;; esac ;; config)');

test.each<[what: string, args: string, fakes: Fakes, line: RegExp]>([
  [
    'a word that it does not know',
    'bnak',
    usualFakes,
    /^up\.sh: unknown word 'bnak' \(--help shows phases and options\)$/,
  ],
  ['no kubectl', '', without('kubectl'), /^up\.sh: kubectl is missing: install kubectl .*$/],
  [
    'an old kubectl',
    '',
    { ...usualFakes, kubectl: kubectl.replace('v1.34.4', 'v1.28.0') },
    /^up\.sh: kubectl is 1\.28\.0: install 1\.32\.0/,
  ],
  ['no engine', 'cluster', without('docker'), /^up\.sh: docker is missing: install Docker or Podman/],
  [
    'an engine that does not run',
    'cluster',
    { ...usualFakes, docker: 'exit 1' },
    /^up\.sh: docker does not answer: start it/,
  ],
  ['no kind', 'cluster', without('kind'), /^up\.sh: kind is missing: install kind/],
  [
    'an old kind',
    'cluster',
    { ...usualFakes, kind: "echo 'kind v0.20.0 go1.20'" },
    /^up\.sh: kind is 0\.20\.0, which cannot run kindest\/node/,
  ],
  [
    'too little memory',
    'cluster',
    { ...usualFakes, docker: docker.replace('16000000000', '4000000000') },
    /^up\.sh: docker has 3814 MiB of memory, this needs 8 GiB: .*PROFILE=light/,
  ],
  [
    'a cluster that an earlier run left half made',
    'cluster',
    { ...usualFakes, kind: exists, kubectl: deadCluster },
    /^up\.sh: kind cluster microbank is there but does not answer: platform\/kind\/down\.sh cluster/,
  ],
  ['no cluster', 'bank', { ...usualFakes, kubectl: deadCluster }, /^up\.sh: no cluster answers: set KUBECONFIG/],
  [
    'a bank that is still being deleted',
    'bank',
    { ...usualFakes, kubectl: terminating },
    /^up\.sh: namespace microbank is still being deleted/,
  ],
])('refuses %s in one line', async (_what, args, fakes, line) => {
  const { code, stdout, stderr } = await up(args, fakes);
  expect(stderr.trimEnd()).toMatch(line);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stdout).toBe('');
  expect(code).toBe(1);
});

test('refuses a port that is taken, and says how to take another', async () => {
  await using port = await listenOnce();
  const { stderr } = await up('cluster', usualFakes, { HTTP_PORT: String(port.number) });
  expect(stderr).toBe(
    `up.sh: port ${port.number} is taken on this machine: stop what listens there, or run HTTP_PORT=8080 platform/kind/up.sh\n`,
  );
});

test('refuses a download without a checksum, records it when told to, and refuses another content afterwards', async () => {
  const curl = (content: string) =>
    `while (($#)); do if [ "$1" = --output ]; then echo '${content}' >"$2"; fi; shift; done`;
  const cache = join(checkout, 'cache');
  const run = (args: string, content: string) =>
    up(args, { ...usualFakes, curl: curl(content) }, { MICROBANK_CACHE: cache });

  const refused = await run('components', 'first');
  expect(refused.stderr).toMatch(
    /^up\.sh: no checksum is recorded for cert-manager_\S+\.yaml: .* --record-checksums, and commit/,
  );

  expect(await run('--record-checksums components', 'first')).toMatchObject({ code: 0, stderr: '' });
  const lines = (await readFile(join(kind, 'checksums'), 'utf8'))
    .split('\n')
    .filter((line) => /^[0-9a-f]{64} {2}\S+$/.test(line));
  expect(lines).toHaveLength(10);
  expect(await run('components', 'first')).toMatchObject({ code: 0, stderr: '' });

  await rm(cache, { recursive: true });
  const changed = await run('components', 'second');
  expect(changed.stderr).toMatch(/^up\.sh: \S+ is not what was recorded \(sha256 /);
});
