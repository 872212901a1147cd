// The flows that network policies allow, read from their files: a table for people, and both ends of each for the check.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isMap, isSeq, parseDocument, type Document } from 'yaml';

type Labels = Record<string, string>;
type Selector = { matchLabels?: Labels; matchExpressions?: { key: string; operator: string; values?: string[] }[] };
type Peer = { podSelector?: Selector; namespaceSelector?: Selector };
/** `why` is the comment above the rule. */
type Rule = { from?: Peer[]; to?: Peer[]; ports: { port: number; protocol: string }[]; why: string };
type Policy = {
  metadata: { name: string; namespace: string };
  spec: { podSelector: Selector; policyTypes: string[]; ingress?: Rule[]; egress?: Rule[] };
};

export type PolicyFile = Policy & { file: string; reason: string };
/** Pods as `<namespace>: <labels>`; `anyone` where a rule names nobody. */
export type Flow = { from: string; to: string; port: string; why: string; end: 'from' | 'to' };

const folder = new URL('../base/policies/', import.meta.url);
export const flowsPage = fileURLToPath(new URL('README.md', folder));

export async function readPolicies(): Promise<PolicyFile[]> {
  const files = (await readdir(folder))
    .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
    .sort();
  return Promise.all(files.map(async (file) => readPolicy(file, await readFile(new URL(file, folder), 'utf8'))));
}

function readPolicy(file: string, text: string): PolicyFile {
  const document = parseDocument(text);
  const policy = document.toJS() as Policy;
  for (const side of ['ingress', 'egress'] as const) {
    for (const [i, rule] of (policy.spec[side] ?? []).entries()) rule.why = commentOf(document, side, i);
  }
  const [heading = ''] = /^(?:#.*\n)+/.exec(text) ?? [];
  return { ...policy, file, reason: oneLine(heading.replaceAll(/^#/gm, '')) };
}

/** A comment above the first of a list belongs to the list. */
function commentOf(document: Document, side: string, index: number): string {
  const list = document.getIn(['spec', side]);
  const rule = isSeq(list) ? list.items[index] : undefined;
  const own = isMap(rule) ? rule.commentBefore : undefined;
  return oneLine((index === 0 && isSeq(list) ? list.commentBefore : own) ?? '');
}

function oneLine(comment: string): string {
  return comment.replaceAll(/\s+/g, ' ').trim();
}

/** Every rule of both sides: a flow within the bank is here twice, once from each end. */
export function flowsOf(policies: readonly PolicyFile[]): Flow[] {
  return policies.flatMap(({ metadata: { namespace }, spec }) => {
    const own = pods(namespace, spec.podSelector);
    const incoming = (spec.ingress ?? []).flatMap(({ from, ports, why }) =>
      peersOf(from, namespace).map((peer): Flow => ({ from: peer, to: own, port: portsOf(ports), why, end: 'to' })),
    );
    const outgoing = (spec.egress ?? []).flatMap(({ to, ports, why }) =>
      peersOf(to, namespace).map((peer): Flow => ({ from: own, to: peer, port: portsOf(ports), why, end: 'from' })),
    );
    return [...incoming, ...outgoing];
  });
}

/** One row for each flow; the end that asks knows best why. Who may look names up, or ask the API server, is one line each below. */
export function flowsTable(policies: readonly PolicyFile[]): string {
  const flows = flowsOf(policies);
  const shared = flows.filter(isShared);
  const rows = new Map<string, string>();
  for (const { from, to, port, why, end } of flows.filter((flow) => !isShared(flow))) {
    const key = `${from} | ${to} | ${port}`;
    if (!rows.has(key) || end === 'from') rows.set(key, why);
  }
  const lines = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, why]) => `| ${key} | ${why} |`);
  const table = ['| from | to | port | why |', '| --- | --- | --- | --- |', ...lines];
  const targets = [...new Set(shared.map(({ to }) => to))];
  return [...table, '', ...targets.map((target) => sharedLine(target, shared))].join('\n');
}

function sharedLine(target: string, shared: readonly Flow[]): string {
  const flows = shared.filter(({ to }) => to === target);
  const who = flows.map(({ from }) => `\`${from.replace('microbank: ', '')}\``).join('; ');
  return `- To ${target}, ${flows[0]?.port ?? ''} (${(flows[0]?.why ?? '').replace(/\.$/, '')}): ${who}`;
}

function isShared({ from, to }: Flow): boolean {
  return /^(microbank|monitoring):/.test(from) && (to === 'anyone' || to.startsWith('kube-system:'));
}

function portsOf(ports: Rule['ports']): string {
  return ports
    .map(({ port, protocol }) => (protocol === 'TCP' ? `${port}` : `${port} ${protocol.toLowerCase()}`))
    .join(', ');
}

function peersOf(peers: Peer[] | undefined, namespace: string): string[] {
  if (peers === undefined) return ['anyone'];
  return peers.map(({ podSelector, namespaceSelector }) => {
    const named = namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'];
    return pods(namespaceSelector === undefined ? namespace : (named ?? 'any namespace'), podSelector);
  });
}

function pods(namespace: string, { matchLabels = {}, matchExpressions = [] }: Selector = {}): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${short(key)}=${value}`);
  const expressions = matchExpressions.map(({ key, values }) => short(key) + (values ? `=${values.join('/')}` : ''));
  return `${namespace}: ${[...labels, ...expressions].join(', ') || 'all'}`;
}

/** A label without the domain of its owner. */
function short(key: string): string {
  return key.replace(/^.*\//, '');
}
