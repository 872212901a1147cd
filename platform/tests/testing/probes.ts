// Pods with the labels of each role, which try what they reach. They never get ready, so that no Service takes them for the real ones.
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { applyYaml, execNode, kubectl, list } from './kubectl.ts';

export type Probe = { name: string; labels: Record<string, string>; namespace?: string };
export type Target = { name: string; host: string; port: number };

const label = 'microbank.dev/test-probe';
/** A policy holds for a pod only when whoever enforces it has seen the pod. */
const settleMs = 10_000;

export async function startProbes(probes: readonly Probe[]): Promise<void> {
  const image = await kubectl(
    'get',
    'ksvc',
    'deposit',
    '--output',
    'jsonpath={.spec.template.spec.containers[0].image}',
  );
  await applyYaml(probes.map((probe) => stringify(podOf(probe, image))).join('---\n'));
  for (const { name, namespace = 'microbank' } of probes) {
    await kubectl(
      'wait',
      '--namespace',
      namespace,
      '--for=jsonpath={.status.phase}=Running',
      '--timeout=120s',
      `pod/${name}`,
    );
  }
  await sleep(settleMs);
}

export async function stopProbes(probes: readonly Probe[]): Promise<void> {
  for (const namespace of new Set(probes.map((probe) => probe.namespace ?? 'microbank'))) {
    await kubectl('delete', 'pod', '--namespace', namespace, '--selector', label, '--grace-period=1', '--wait=false');
  }
}

/** The names of the targets that take a fresh connection. */
export async function reached({ name, namespace = 'microbank' }: Probe, targets: readonly Target[]): Promise<string[]> {
  const script = `
    const { connect } = require('node:net');
    const tries = ${JSON.stringify(targets)}.map(({ name, host, port }) => new Promise((resolve) => {
      const socket = connect({ host, port, timeout: 3000 });
      const done = (is) => { socket.destroy(); resolve(is ? [name] : []); };
      socket.on('connect', () => done(true)).on('error', () => done(false)).on('timeout', () => done(false));
    }));
    Promise.all(tries).then((found) => console.log(JSON.stringify(found.flat())));`;
  const out = await execNode(name, 'probe', script, namespace);
  return (JSON.parse(out) as string[]).sort();
}

export async function podAddress(selector: string, namespace = 'microbank'): Promise<string> {
  const pods = await list('pods', selector, namespace);
  const running = pods.find(
    ({ status, metadata }) => status?.['phase'] === 'Running' && metadata.deletionTimestamp === undefined,
  );
  const address = running?.status?.['podIP'];
  if (typeof address !== 'string') throw new Error(`no pod in ${namespace} has ${selector}`);
  return address;
}

function podOf({ name, labels, namespace = 'microbank' }: Probe, image: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { ...labels, [label]: name } },
    spec: {
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'probe',
          image,
          args: ['-e', 'process.on("SIGTERM", () => process.exit()); setInterval(() => undefined, 1e9)'],
          resources: { requests: { cpu: '1m', memory: '48Mi' }, limits: { memory: '96Mi' } },
          readinessProbe: { exec: { command: ['/never-ready'] }, periodSeconds: 3600 },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  };
}
