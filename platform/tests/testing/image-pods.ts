// Pods that run one image, as the thing that is deployed of it runs: its user, its read-only root, its environment, its probe.
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { applyYaml, kubectl, type Listed } from './kubectl.ts';

type Container = {
  name: string;
  image: string;
  args?: string[];
  ports?: unknown;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
};
type Probe = { httpGet?: { path: string; port?: number | string } };
export type PodTemplate = {
  metadata: { labels?: Record<string, string> };
  spec: { containers: [Container, ...Container[]]; volumes?: unknown; securityContext?: unknown };
};

/** Of a Knative Service, a Deployment or a Job: what it makes its pods of. */
export async function templateOf(kind: 'ksvc' | 'deployment', name: string): Promise<PodTemplate> {
  const { spec } = JSON.parse(await kubectl('get', kind, name, '--output', 'json')) as {
    spec: { template: PodTemplate };
  };
  return spec.template;
}

const label = 'microbank.dev/test-image';
/** What Knative adds to each container: https://github.com/knative/specs/blob/main/specs/serving/runtime-contract.md. */
const knativeEnv = [
  { name: 'PORT', value: '8080' },
  { name: 'K_SERVICE', value: 'image-test' },
  { name: 'K_CONFIGURATION', value: 'image-test' },
  { name: 'K_REVISION', value: 'image-test-00001' },
];

/** The pod with another image; ends for good when its program does. No Service of the bank takes it for its own: these go by other labels. */
export function podOf(name: string, { metadata, spec }: PodTemplate, image: string): object {
  const containers = spec.containers.map((container) => ({
    ...container,
    image,
    imagePullPolicy: 'IfNotPresent',
    env: [...((container as { env?: object[] }).env ?? []), ...knativeEnv],
    readinessProbe: atPort(container.readinessProbe),
    livenessProbe: atPort(container.livenessProbe),
  }));
  const labels = { ...metadata.labels };
  delete labels['app.kubernetes.io/name'];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'microbank', labels: { ...labels, [label]: name } },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: spec.securityContext,
      volumes: spec.volumes,
      containers,
    },
  };
}

function atPort(probe: Probe | undefined): Probe | undefined {
  if (probe?.httpGet === undefined) return undefined;
  return { ...probe, httpGet: { ...probe.httpGet, port: 8080 } };
}

type Pod = Listed & {
  status: {
    phase: string;
    containerStatuses?: { ready: boolean; state: { terminated?: { exitCode: number; reason: string } } }[];
  };
};

const readPod = async (name: string) => JSON.parse(await kubectl('get', 'pod', name, '--output', 'json')) as Pod;

/** Runs it meanwhile, from when its probe is answered. Rejects with its log when it does not get ready. */
export async function withPod<T>(name: string, pod: object, work: () => Promise<T>): Promise<T> {
  await applyYaml(stringify(pod));
  try {
    try {
      await kubectl('wait', '--for=condition=Ready', '--timeout=120s', `pod/${name}`);
    } catch (error) {
      throw new Error(`${name} did not get ready: ${await kubectl('logs', name)}`, { cause: error });
    }
    return await work();
  } finally {
    await kubectl('delete', 'pod', name, '--grace-period=1', '--wait=true');
  }
}

/** Sends its first process a signal; resolves with its exit code and how long it took, in ms. */
export async function endBy(
  name: string,
  signal: 'TERM' | 'QUIT',
  container: string,
): Promise<{ code: number; ms: number }> {
  const began = performance.now();
  await kubectl('exec', name, '--container', container, '--', 'sh', '-c', `kill -${signal} 1`);
  return { code: await exitCode(name), ms: performance.now() - began };
}

/** What each container of a pod ended with; the worst of them. */
export async function exitCode(name: string, patienceMs = 120_000): Promise<number> {
  const began = performance.now();
  for (;;) {
    const { status } = await readPod(name);
    const ended = (status.containerStatuses ?? []).map(({ state }) => state.terminated);
    const codes = ended.flatMap((state) => (state === undefined ? [] : [state.exitCode]));
    if (codes.length > 0 && codes.length === ended.length) return Math.max(...codes);
    if (performance.now() - began > patienceMs) throw new Error(`${name} has not ended: ${JSON.stringify(status)}`);
    await sleep(200);
  }
}

/** Bytes by path of every file that is in an image, but for what only root may see, which is the base's. */
export async function filesOf(name: string, image: string): Promise<Map<string, number>> {
  // /bank/cache and the rest of what is ours is for all to read. Some files of /etc are the kubelet's, for each pod.
  const list = `find / -xdev -type f ! -path '/proc/*' ! -path '/sys/*' ! -regex '/etc/\\(hosts\\|hostname\\|resolv.conf\\)' -exec stat -c '%s %n' {} + 2>/dev/null; true`;
  const template: PodTemplate = {
    metadata: {},
    spec: {
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'list',
          image,
          command: ['sh', '-c', list],
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        } as Container,
      ],
    },
  };
  await applyYaml(stringify(podOf(name, template, image)));
  try {
    await exitCode(name);
    const lines = (await kubectl('logs', name)).split('\n').filter((line) => line !== '');
    return new Map(
      lines.map((line): [string, number] => {
        const [, bytes = '', path = ''] = /^(\d+) (.*)$/.exec(line) ?? [];
        return [path, Number(bytes)];
      }),
    );
  } finally {
    await kubectl('delete', 'pod', name, '--grace-period=1', '--wait=true');
  }
}
