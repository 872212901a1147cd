// The network policies, tried: what each role reaches, by fresh connections between pods that are older than some seconds. All else is refused.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mustCreate } from '../traffic/customers.ts';
import { findBank } from './testing/bank.ts';
import { note } from './testing/figures.ts';
import { kubectl } from './testing/kubectl.ts';
import { podAddress, reached, startProbes, stopProbes, type Probe, type Target } from './testing/probes.ts';

const aFunction = { 'serving.knative.dev/service': 'probe' };
const broker = { 'eventing.knative.dev/broker': 'bank' };

type Role = Probe & { reaches: readonly string[] };

/** What is not named in a row is refused. */
const roles: readonly Role[] = [
  { name: 'no-role', labels: {}, reaches: [] },
  { name: 'a-function', labels: aFunction, reaches: ['names'] },
  { name: 'uses-database', labels: { ...aFunction, 'microbank.dev/database': 'ledger' }, reaches: ['names', 'pooler'] },
  {
    name: 'sends-events',
    labels: { ...aFunction, 'microbank.dev/sends-events': 'true' },
    reaches: ['broker', 'names'],
  },
  {
    name: 'checks-tokens',
    labels: { ...aFunction, 'microbank.dev/checks-tokens': 'true' },
    reaches: ['edge', 'names'],
  },
  {
    name: 'asks-functions',
    labels: { ...aFunction, 'microbank.dev/asks-functions': 'true' },
    reaches: ['gateway', 'names'],
  },
  { name: 'listens', labels: { ...aFunction, 'microbank.dev/listens': 'true' }, reaches: ['names', 'postgres'] },
  { name: 'migrates', labels: { 'microbank.dev/migrates': 'true' }, reaches: ['names', 'postgres'] },
  { name: 'edge', labels: { 'app.kubernetes.io/name': 'edge' }, reaches: ['edge', 'gateway', 'names'] },
  {
    name: 'dispatcher',
    labels: { ...broker, 'eventing.knative.dev/brokerRole': 'dispatcher' },
    reaches: ['broker', 'gateway', 'names', 'rabbitmq'],
  },
  {
    name: 'broker-ingress',
    labels: { ...broker, 'eventing.knative.dev/brokerRole': 'ingress' },
    reaches: ['names', 'rabbitmq'],
  },
  { name: 'a-stranger', namespace: 'default', labels: {}, reaches: ['API server', 'edge', 'names'] },
];
const probes = roles.map((role) => ({ ...role, name: `probe-${role.name}` }));

let targets: Target[] = [];

beforeAll(async () => {
  await wakeFunction();
  await startProbes(probes);
  targets = await findTargets();
});
afterAll(async () => stopProbes(probes));

test.each(probes)('$name reaches what the table says, and nothing else', async (role) => {
  expect(await reached(role, targets)).toEqual([...role.reaches].sort());
  await note('policies', role.name, role.reaches.join(', ') || 'nothing');
});

test('but the edge nobody reaches a function: not at its ports, and by the gateway only who has to ask or deliver', async () => {
  const atFunction = targets.filter(({ name }) => name.startsWith('function')).map(({ name }) => name);
  expect(atFunction).toHaveLength(4);
  const byGateway: string[] = [];
  for (const role of probes) {
    const found = await reached(role, targets);
    expect(
      found.filter((name) => atFunction.includes(name)),
      role.name,
    ).toEqual([]);
    if (found.includes('gateway')) byGateway.push(role.name);
  }
  expect(byGateway).toEqual(['probe-asks-functions', 'probe-edge', 'probe-dispatcher']);
  await note('policies', 'connections tried', probes.length * targets.length);
});

/** Asked by a teller through the edge, so that it has a copy which is some seconds old by the time that probes run. */
async function wakeFunction(): Promise<void> {
  const { api, teller } = await findBank();
  const body = { name: 'Pia Probe', email: `probe-${Date.now()}@example.com` };
  await mustCreate(api, { method: 'POST', path: '/users', token: await teller.token(), body });
}

async function findTargets(): Promise<Target[]> {
  const functionPod = await podAddress('serving.knative.dev/service=register-user');
  const postgres = await podAddress('cnpg.io/cluster=bank,cnpg.io/podRole=instance');
  const rabbitmq = await podAddress('app.kubernetes.io/name=bank,app.kubernetes.io/component=rabbitmq');
  const apiServer = await kubectl(
    'get',
    'service',
    'kubernetes',
    '--namespace',
    'default',
    '--output',
    'jsonpath={.spec.clusterIP}',
  );
  return [
    { name: 'function: queue-proxy', host: functionPod, port: 8012 },
    { name: 'function: its own port', host: functionPod, port: 8080 },
    { name: 'function: metrics for the autoscaler', host: functionPod, port: 9090 },
    { name: 'function: queue-proxy’s administration', host: functionPod, port: 8022 },
    { name: 'edge', host: await podAddress('app.kubernetes.io/name=edge,pod-template-hash'), port: 8080 },
    { name: 'pooler', host: await podAddress('cnpg.io/poolerName=bank-pooler'), port: 5432 },
    { name: 'postgres', host: postgres, port: 5432 },
    { name: 'postgres: the operator’s port', host: postgres, port: 8000 },
    { name: 'broker', host: await podAddress('eventing.knative.dev/brokerRole=ingress,pod-template-hash'), port: 8080 },
    { name: 'rabbitmq', host: rabbitmq, port: 5672 },
    { name: 'rabbitmq: management', host: rabbitmq, port: 15672 },
    { name: 'gateway', host: await podAddress('app=3scale-kourier-gateway', 'kourier-system'), port: 8081 },
    { name: 'names', host: await podAddress('k8s-app=kube-dns', 'kube-system'), port: 53 },
    { name: 'API server', host: apiServer, port: 443 },
  ];
}
