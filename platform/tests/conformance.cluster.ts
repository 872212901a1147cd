// The conformance suite of eventing/tests against the bank's own Broker. Its subscribers are on this machine: for as long as the suite
// runs, a policy lets dispatchers reach it.
import { networkInterfaces } from 'node:os';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { note } from './testing/figures.ts';
import { applyYaml, kubectl, list, portForward, type Listed } from './testing/kubectl.ts';

const policy = 'conformance-dispatchers';

test('the Broker does what the conformance suite asks of every broker', { timeout: 900_000 }, async () => {
  const host = await ownAddress();
  await applyYaml(policyFor(host));
  try {
    await using broker = await portForward('bank-broker-ingress', 80);
    const output = await runSuite({ BROKER_URL: `${broker.url}/`, SUBSCRIBER_HOST: host });
    const [, counts = ''] = /Tests\s+(.*passed.*?)\s*(?:\(|$)/m.exec(output) ?? [];
    await note('conformance', 'cases', counts);
  } finally {
    await kubectl('delete', 'networkpolicy', '--ignore-not-found', policy);
  }
});

/** What the cluster's pods reach this machine by: SUBSCRIBER_HOST, or a node's address when the node is this machine. */
async function ownAddress(): Promise<string> {
  const { SUBSCRIBER_HOST: told } = process.env;
  if (told !== undefined) return told;
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? []),
  );
  const nodes = await list<Listed & { status: { addresses: { address: string }[] } }>('nodes');
  const found = nodes
    .flatMap(({ status }) => status.addresses.map(({ address }) => address))
    .find((address) => own.has(address));
  expect(
    found,
    'SUBSCRIBER_HOST has to be the address by which pods reach this machine (of Docker’s network kind)',
  ).toBeDefined();
  return found ?? '';
}

function policyFor(host: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${policy}, namespace: microbank }
spec:
  podSelector: { matchLabels: { eventing.knative.dev/brokerRole: dispatcher } }
  policyTypes: [Egress]
  egress:
    - to: [{ ipBlock: { cidr: ${host}/32 } }]
`;
}

async function runSuite(environment: Record<string, string>): Promise<string> {
  const words = ['run', '--config', 'eventing/tests/conformance/vitest.config.mjs'];
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...words], {
    env: { ...process.env, ...environment, NO_COLOR: '1', VITEST: undefined, VITEST_WORKER_ID: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code, output.slice(-3_000)).toBe(0);
  return output;
}
