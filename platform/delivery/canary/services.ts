// Knative Services as a canary sees them: which revision has the traffic, which one is new, and how to divide it. By kubectl.
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Candidate } from './run-canary.ts';

const namespace = 'microbank';
export type Kubectl = (...words: string[]) => Promise<string>;

type Target = { revisionName?: string; latestRevision?: boolean; percent?: number };
type Service = {
  metadata: { name: string; generation: number };
  spec: { traffic?: Target[] };
  status?: {
    observedGeneration?: number;
    latestCreatedRevisionName?: string;
    latestReadyRevisionName?: string;
    traffic?: Target[];
    conditions?: { type: string; status: string; message?: string }[];
  };
};

export const kubectl: Kubectl = async (...words) => {
  const { stdout } = await promisify(execFile)('kubectl', words, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
};

/** The Services that run these functions, or that have these names; `all` is all of them. */
export async function servicesOf(kubectl: Kubectl, names: readonly string[]): Promise<string[]> {
  const text = await kubectl('get', 'ksvc', '--namespace', namespace, '--output', 'json');
  const { items } = JSON.parse(text) as { items: (Service & { spec: { template?: Template } })[] };
  if (names.includes('all')) return items.map(({ metadata }) => metadata.name);
  const found = items.filter(
    ({ metadata, spec }) => names.includes(metadata.name) || names.includes(targetOf(spec.template)),
  );
  const missing = names.filter(
    (name) => !found.some(({ metadata, spec }) => [metadata.name, targetOf(spec.template)].includes(name)),
  );
  if (missing.length > 0) throw new Error(`no Knative Service runs ${missing.join(', ')}`);
  return found.map(({ metadata }) => metadata.name);
}
type Template = { spec?: { containers?: { env?: { name: string; value?: string }[] }[] } };

function targetOf(template: Template | undefined): string {
  return template?.spec?.containers?.[0]?.env?.find(({ name }) => name === 'FUNCTION_TARGET')?.value ?? '';
}

/** Ties a service's traffic to the revision that has it, so that a new one gets none until somebody gives it some. */
export async function pin(kubectl: Kubectl, service: string): Promise<string> {
  const { status, metadata } = await read(kubectl, service);
  const revision = trafficOf(status?.traffic) ?? status?.latestReadyRevisionName;
  if (revision === undefined) throw new Error(`${metadata.name} has no revision that is ready`);
  await divide(kubectl, service, { [revision]: 100 });
  return revision;
}

/**
 * Waits until the newest revision is ready, which shows that it starts. Undefined when there is no new one.
 * @throws when its traffic is not tied to one revision, or the new one does not get ready in time.
 */
export async function candidateOf(
  kubectl: Kubectl,
  service: string,
  readyMaxMs: number,
): Promise<Candidate | undefined> {
  for (const deadline = Date.now() + readyMaxMs; ; await sleep(2_000)) {
    const { metadata, spec, status } = await read(kubectl, service);
    const stable = trafficOf(spec.traffic);
    if (stable === undefined)
      throw new Error(`the traffic of ${service} is not tied to one revision: canary.ts --pin ${service}`);
    const created = status?.latestCreatedRevisionName;
    const isSeen = status?.observedGeneration === metadata.generation;
    if (isSeen && created === stable) return undefined;
    if (isSeen && created !== undefined && status.latestReadyRevisionName === created)
      return { service, stable, canary: created };
    if (Date.now() > deadline) {
      const said = status?.conditions?.find(({ type, status }) => type === 'ConfigurationsReady' && status !== 'True');
      throw new Error(`${created ?? service} does not get ready: ${said?.message ?? 'it says nothing'}`);
    }
  }
}

const dividedMaxMs = 60_000;

export async function divide(
  kubectl: Kubectl,
  service: string,
  percent: Readonly<Record<string, number>>,
): Promise<void> {
  const traffic = Object.entries(percent).map(([revisionName, percent]) => ({ revisionName, percent }));
  const patch = JSON.stringify({ spec: { traffic } });
  await kubectl('patch', 'ksvc', service, '--namespace', namespace, '--type', 'merge', '--patch', patch);
  for (const deadline = Date.now() + dividedMaxMs; ; await sleep(500)) {
    const { metadata, status } = await read(kubectl, service);
    const isReady = status?.conditions?.some(({ type, status }) => type === 'RoutesReady' && status === 'True');
    if (
      status !== undefined &&
      isReady === true &&
      status.observedGeneration === metadata.generation &&
      isDivided(status.traffic, percent)
    )
      return;
    if (Date.now() > deadline)
      throw new Error(`the traffic of ${service} was not divided in ${dividedMaxMs / 1_000} s`);
  }
}

function isDivided(traffic: readonly Target[] = [], percent: Readonly<Record<string, number>>): boolean {
  const given = traffic.filter(({ percent }) => (percent ?? 0) > 0);
  return (
    given.length === Object.keys(percent).length && given.every((of) => percent[of.revisionName ?? ''] === of.percent)
  );
}

/** The one revision that has all of it. */
function trafficOf(traffic: readonly Target[] = []): string | undefined {
  const [first, ...others] = traffic.filter(({ percent }) => (percent ?? 0) > 0);
  return others.length === 0 && first?.percent === 100 ? first.revisionName : undefined;
}

async function read(kubectl: Kubectl, service: string): Promise<Service> {
  return JSON.parse(await kubectl('get', 'ksvc', service, '--namespace', namespace, '--output', 'json')) as Service;
}
