// Copies of functions that stay, each of which is asked by itself: pods as Knative makes them of a Service, without its proxy and its scaling.
import { stringify } from 'yaml';
import { applyYaml, kubectl, list, namespace, portForward, type Forwarded, type Listed } from './kubectl.ts';

export type FunctionCopy = { name: string; url: string };

type Container = { image: string; name: string; resources: { limits?: object }; [more: string]: unknown };
type Template = { metadata: { labels?: Record<string, string> }; spec: { containers: Container[] } };
export type KnativeService = Listed & { spec: { template: Template } };

/** By which all pods of one run are found again. */
const label = 'microbank.dev/asked-alone';
const port = 8080;
const readySeconds = 180;

/**
 * `count` of each function, ready and with an address of this machine, until disposed of. The pods have the labels that policies select
 * functions by, so that they reach what functions reach.
 */
export async function startCopies(
  services: readonly KnativeService[],
  count: number,
): Promise<AsyncDisposable & { copies: FunctionCopy[] }> {
  const pods = services.flatMap(({ metadata: { name }, spec: { template } }) =>
    Array.from({ length: count }, (_, index) => ({ name, pod: `${name}-alone-${index + 1}`, template })),
  );
  const forwarded: Forwarded[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(forwarded.map((one) => one[Symbol.asyncDispose]()));
    await kubectl('delete', 'pod', '--selector', `${label}=true`, '--ignore-not-found', '--grace-period=20', '--wait');
  };
  try {
    await applyYaml(pods.map(({ name, pod, template }) => stringify(podOf(name, pod, template))).join('---\n'));
    await kubectl('wait', '--for=condition=Ready', `--timeout=${readySeconds}s`, 'pod', '--selector', `${label}=true`);
    for (const { pod } of pods) forwarded.push(await portForward(`pod/${pod}`, port));
  } catch (error) {
    await dispose();
    throw error;
  }
  const copies = pods.map(({ name }, index) => ({ name, url: forwarded[index]?.url ?? '' }));
  return { copies, [Symbol.asyncDispose]: dispose };
}

function podOf(name: string, pod: string, { metadata, spec: { containers } }: Template): object {
  const container = containers[0] as Container;
  const { readinessProbe } = container as { readinessProbe?: { httpGet?: { path?: string } } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod,
      namespace,
      labels: { ...metadata.labels, 'serving.knative.dev/service': name, [label]: 'true' },
    },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      containers: [
        {
          ...container,
          name: 'user-container',
          // Knative tells a function its port, and asks by it.
          env: [...((container['env'] as object[] | undefined) ?? []), { name: 'PORT', value: String(port) }],
          ports: [{ containerPort: port }],
          readinessProbe: { httpGet: { path: readinessProbe?.httpGet?.path ?? '/readyz', port }, periodSeconds: 1 },
          livenessProbe: undefined,
          // Many at once: what they ask for would not fit on a small node, and they do next to nothing.
          resources: { ...container.resources, requests: { cpu: '1m', memory: '48Mi' } },
        },
      ],
    },
  };
}

/** All of the bank's functions as they are deployed. */
export async function knativeServices(): Promise<KnativeService[]> {
  return list<KnativeService>('ksvc', 'app.kubernetes.io/part-of=microbank');
}
