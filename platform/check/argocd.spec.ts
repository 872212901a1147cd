// What Argo CD is given: the waves and what is in them, rights that are enough and no more, the releases that up.sh installs, and health checks
// in the interpreter that Argo CD runs them in.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkout, render } from './kustomize.ts';
import type { Manifest } from './manifest.ts';

type Application = Manifest & {
  spec: {
    project: string;
    source: { repoURL: string; targetRevision: string; path: string };
    destination: { namespace: string };
    syncPolicy: { automated: object };
  };
};
type Rule = { group: string; kind: string };
type Project = Manifest & {
  spec: {
    sourceRepos: string[];
    destinations: { namespace: string }[];
    clusterResourceWhitelist: Rule[];
    namespaceResourceWhitelist: Rule[];
  };
};

const run = promisify(execFile);
const argocd = 'platform/argocd';
const applications = (await render(`${argocd}/apps`)) as Application[];
const projects = (await render(`${argocd}/projects`)).filter(({ kind }) => kind === 'AppProject') as Project[];
const [root] = (await render(`${argocd}/projects`)).filter(({ kind }) => kind === 'Application') as Application[];
const waveOf = ({ metadata }: Manifest) => Number(metadata.annotations?.['argocd.argoproj.io/sync-wave']);
const inOrder = [...applications].sort((a, b) => waveOf(a) - waveOf(b));
const own = inOrder.filter(({ spec }) => spec.source.path.startsWith(`${argocd}/parts/`));
const parts = new Map<string, Manifest[]>();
for (const { metadata, spec } of own) parts.set(metadata.name, await render(spec.source.path));

test('waves go from operators to what watches the bank', () => {
  expect(inOrder.map(({ metadata }) => metadata.name)).toEqual([
    ...['cert-manager', 'operators', 'foundations', 'clusters', 'broker', 'migrations', 'functions', 'triggers'],
    ...['backup', 'edge', 'monitoring'],
  ]);
  const waves = inOrder.map(waveOf);
  // What waits for nothing of each other may share a wave.
  expect(new Set(waves).size).toBe(waves.length - 1);
});

test('every Application follows the branch that is tested, and is kept as git has it', () => {
  for (const { spec } of [...applications, root as Application]) {
    expect(spec.source).toMatchObject({ targetRevision: 'deployed', repoURL: root?.spec.source.repoURL });
    expect(spec.syncPolicy.automated).toMatchObject({ selfHeal: true });
    expect(projects.map(({ metadata }) => metadata.name)).toContain(spec.project);
  }
  const pruned = applications.filter(({ spec }) => (spec.syncPolicy.automated as { prune: boolean }).prune);
  expect(pruned.map(({ metadata }) => metadata.name)).not.toEqual(expect.arrayContaining(['clusters']));
});

test('all of the bank is in exactly one part, and in the overlay that a release attaches', async () => {
  const all = [...parts.values()].flatMap((manifests) => manifests.map(idOf));
  expect(new Set(all).size).toBe(all.length);
  expect((await render('platform/overlays/cluster')).map(idOf).sort()).toEqual([...all].sort());
  expect((await render('platform/overlays/kind')).map(idOf).sort()).toEqual([...all].sort());
});

test('a project allows what its Applications have, and no kind more', () => {
  const { spec } = projects.find(({ metadata }) => metadata.name === 'bank') as Project;
  const manifests = [...parts.values()].flat();
  const ruleOf = ({ apiVersion, kind }: Manifest) =>
    `${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}/${kind}`;
  const asked = (isNamespaced: boolean) =>
    [
      ...new Set(manifests.filter(({ metadata }) => (metadata.namespace !== undefined) === isNamespaced).map(ruleOf)),
    ].sort();
  const allowed = (rules: Rule[]) => rules.map(({ group, kind }) => `${group}/${kind}`).sort();
  expect(allowed(spec.namespaceResourceWhitelist)).toEqual(asked(true));
  expect(allowed(spec.clusterResourceWhitelist)).toEqual(asked(false));
  expect(allowed(spec.namespaceResourceWhitelist)).not.toContain('/Secret');
  const namespaces = new Set(manifests.flatMap(({ metadata }) => metadata.namespace ?? []));
  expect(spec.destinations.map(({ namespace }) => namespace).sort()).toEqual([...namespaces].sort());
});

test('a sync makes the Jobs anew, the schema before the teller, and waits for them', () => {
  const jobs = parts.get('migrations')?.filter(({ kind }) => kind === 'Job') ?? [];
  expect(jobs.sort((a, b) => waveOf(a) - waveOf(b)).map(({ metadata }) => metadata.name)).toEqual([
    'migrate',
    'first-teller',
  ]);
  for (const { metadata } of jobs)
    expect(metadata.annotations).toMatchObject({
      'argocd.argoproj.io/hook': 'Sync',
      'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
    });
});

test('the operators are the releases that up.sh installs, with the same settings', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-plan-'));
  await writeFile(join(folder, 'kubectl'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}`, TAG: 'of-test' };
  const { stdout } = await run(join(checkout, 'platform/kind/up.sh'), ['--plan', 'components'], { env });
  await rm(folder, { recursive: true });
  const planned = [...stdout.matchAll(/https:\/\/\S+/g)].map(([url]) => url);
  const read = async (name: string) =>
    parse(await readFile(join(checkout, argocd, name, 'kustomization.yaml'), 'utf8')) as Kustomization;
  const [first, others] = [await read('cert-manager'), await read('operators')];
  const named = [...first.resources, ...others.resources];
  expect(named.filter((resource) => resource.startsWith('https://'))).toEqual(planned);

  const settings = (await render('platform/base/components')).map(
    (manifest) => JSON.parse(JSON.stringify(manifest)) as Manifest,
  );
  const patches = (others.patches ?? []).map(({ patch }) => parse(patch) as Manifest);
  const local = others.resources
    .filter((resource) => resource.startsWith('..'))
    .map((path) => join(argocd, 'operators', path));
  const inFolders = (await Promise.all(local.map(render))).flat();
  expect([...patches, ...inFolders].sort(byId)).toEqual(settings.sort(byId));
});
type Kustomization = { resources: string[]; patches?: { patch: string }[] };

function idOf({ apiVersion, kind, metadata }: Manifest): string {
  return `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

function byId(a: Manifest, b: Manifest): number {
  return idOf(a) < idOf(b) ? -1 : 1;
}

const cm = (await render(`${argocd}/settings`)).find(
  ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'argocd-cm',
);
const scripts = new Map(
  Object.entries(cm?.data ?? {}).flatMap(([key, text]): [string, string][] => {
    const kind = /^resource\.customizations\.health\.(.+)$/.exec(key)?.[1];
    return kind === undefined ? [] : [[kind, text]];
  }),
);

test('every kind of ours whose health is its own has a script', () => {
  const builtIn = ['apps_Deployment', 'batch_Job', '_PersistentVolumeClaim', '_Service'];
  const without = [
    '_ConfigMap',
    '_Namespace',
    '_ServiceAccount',
    'batch_CronJob',
    'eventing.knative.dev_RabbitmqBrokerConfig',
  ];
  const plain = /^(networking\.k8s\.io|policy|admissionregistration\.k8s\.io|rbac\.authorization\.k8s\.io)_/;
  const kinds = new Set(
    [...parts.values()]
      .flat()
      .map(({ apiVersion, kind }) => `${apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''}_${kind}`),
  );
  const asked = [...kinds].filter((kind) => !builtIn.includes(kind) && !without.includes(kind) && !plain.test(kind));
  expect([...scripts.keys()].filter((kind) => kind !== 'argoproj.io_Application').sort()).toEqual(asked.sort());
});

const ready = (status: string, more: object = {}) => ({
  conditions: [
    { type: 'Other', status: 'False' },
    { type: 'Ready', status, ...more },
  ],
  observedGeneration: 2,
});
const generation = { metadata: { generation: 2 } };
const applied = {
  status: { health: { status: 'Healthy' }, sync: { status: 'Synced' }, operationState: { phase: 'Succeeded' } },
};

test.each<[kind: string, what: string, object: object, health: string, message: RegExp]>([
  ['serving.knative.dev_Service', 'ready', { ...generation, status: ready('True') }, 'Healthy', /^ready$/],
  ['serving.knative.dev_Service', 'new', generation, 'Progressing', /has not seen it/],
  [
    'serving.knative.dev_Service',
    'ready as it was before',
    { metadata: { generation: 3 }, status: ready('True') },
    'Progressing',
    /has not seen it/,
  ],
  [
    'serving.knative.dev_Service',
    'starting',
    { ...generation, status: ready('Unknown', { reason: 'Deploying' }) },
    'Progressing',
    /^Deploying: it says no more$/,
  ],
  [
    'serving.knative.dev_Service',
    'not starting',
    { ...generation, status: ready('False', { reason: 'RevisionFailed', message: 'exit 1' }) },
    'Degraded',
    /^RevisionFailed: exit 1$/,
  ],
  [
    'eventing.knative.dev_Broker',
    'without its exchange yet',
    { ...generation, status: ready('False', { reason: 'ExchangeFailure' }) },
    'Progressing',
    /^ExchangeFailure/,
  ],
  ['eventing.knative.dev_Trigger', 'ready', { ...generation, status: ready('True') }, 'Healthy', /^ready$/],
  [
    'eventing.knative.dev_Trigger',
    'without conditions',
    { ...generation, status: { observedGeneration: 2 } },
    'Progressing',
    /has not seen it/,
  ],
  [
    'sources.knative.dev_PingSource',
    'silent',
    { ...generation, status: { observedGeneration: 2, conditions: [] } },
    'Progressing',
    /does not say/,
  ],
  ['rabbitmq.com_RabbitmqCluster', 'new', {}, 'Progressing', /not ready yet/],
  [
    'rabbitmq.com_RabbitmqCluster',
    'starting',
    {
      status: {
        conditions: [
          { type: 'ClusterAvailable', status: 'True' },
          { type: 'AllReplicasReady', status: 'False' },
        ],
      },
    },
    'Progressing',
    /not ready yet/,
  ],
  [
    'rabbitmq.com_RabbitmqCluster',
    'ready, with warnings',
    {
      status: {
        conditions: [
          { type: 'NoWarnings', status: 'False' },
          { type: 'ReconcileSuccess', status: 'Unknown' },
          { type: 'AllReplicasReady', status: 'True' },
        ],
      },
    },
    'Healthy',
    /all nodes/,
  ],
  [
    'rabbitmq.com_RabbitmqCluster',
    'refused',
    {
      status: {
        conditions: [
          { type: 'AllReplicasReady', status: 'True' },
          { type: 'ReconcileSuccess', status: 'False', message: 'no' },
        ],
      },
    },
    'Degraded',
    /^no$/,
  ],
  ['postgresql.cnpg.io_Cluster', 'new', {}, 'Progressing', /has not seen it/],
  [
    'postgresql.cnpg.io_Cluster',
    'ready',
    { status: { phase: 'Cluster in healthy state', conditions: [{ type: 'Ready', status: 'True' }] } },
    'Healthy',
    /^ready$/,
  ],
  [
    'postgresql.cnpg.io_Cluster',
    'failing over',
    { status: { phase: 'Failing over', conditions: [{ type: 'Ready', status: 'False' }] } },
    'Progressing',
    /^Failing over$/,
  ],
  [
    'postgresql.cnpg.io_Cluster',
    'lost',
    { status: { phase: 'Cluster is unrecoverable and needs manual intervention', conditions: [] } },
    'Degraded',
    /unrecoverable/,
  ],
  [
    'postgresql.cnpg.io_Database',
    'there',
    { ...generation, status: { applied: true, observedGeneration: 2 } },
    'Healthy',
    /there/,
  ],
  [
    'postgresql.cnpg.io_Database',
    'refused',
    { ...generation, status: { applied: false, observedGeneration: 2, message: 'no such owner' } },
    'Degraded',
    /^no such owner$/,
  ],
  ['postgresql.cnpg.io_Database', 'new', generation, 'Progressing', /has not seen it/],
  [
    'postgresql.cnpg.io_Pooler',
    'one of two',
    { spec: { instances: 2 }, status: { instances: 1 } },
    'Progressing',
    /^1 of 2 run$/,
  ],
  ['postgresql.cnpg.io_Pooler', 'all of them', { spec: {}, status: { instances: 1 } }, 'Healthy', /all run/],
  ['argoproj.io_Application', 'new', {}, 'Progressing', /has not looked/],
  ['argoproj.io_Application', 'as git says', applied, 'Healthy', /^$/],
  [
    'argoproj.io_Application',
    'well, and not yet what git says',
    { status: { ...applied.status, sync: { status: 'OutOfSync' } } },
    'Progressing',
    /not what git says/,
  ],
  [
    'argoproj.io_Application',
    'whose sync failed',
    { status: { ...applied.status, operationState: { phase: 'Failed', message: 'refused' } } },
    'Degraded',
    /^refused$/,
  ],
  [
    'argoproj.io_Application',
    'degraded',
    { status: { health: { status: 'Degraded', message: 'a pod' } } },
    'Degraded',
    /^a pod$/,
  ],
])('%s, %s', async (kind, _what, object, health, message) => {
  const { status, message: said } = await healthOf(scripts.get(kind) ?? '', {
    kind: kind.split('_')[1],
    metadata: {},
    ...object,
  });
  expect({ status, said }).toEqual({ status: health, said: expect.stringMatching(message) as string });
});

/** As Argo CD runs it: with Lua's base and its tables, and nothing for texts, files or processes. */
async function healthOf(script: string, object: object): Promise<{ status: string; message: string }> {
  const program = `local print = print
string, io, os, debug, coroutine, math, require, dofile, loadfile = nil, nil, nil, nil, nil, nil, nil, nil, nil
obj = ${inLua(object)}
local function health()
${script}
end
local found = health()
print(found.status)
print(found.message or "")
`;
  const folder = await mkdtemp(join(tmpdir(), 'microbank-lua-'));
  try {
    await writeFile(join(folder, 'health.lua'), program);
    const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'microbank');
    const { stdout } = await run(join(cache, 'glua-v1.1.2/glua'), [join(folder, 'health.lua')]);
    const [status = '', message = ''] = stdout.split('\n');
    return { status, message };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function inLua(value: unknown): string {
  if (Array.isArray(value)) return `{ ${value.map(inLua).join(', ')} }`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([key, of]) => `[${JSON.stringify(key)}] = ${inLua(of)}`);
  return `{ ${pairs.join(', ')} }`;
}
