// `npm run platform:cold`: how long the bank takes from zero, beside a bare Node and a static Go program on the same cluster.
// The three Services live in the bank's namespace, under its policies, with the settings of the function deposit but a short window,
// and are asked through Kourier's inner gateway; POST /deposits goes through the edge, with every function at zero.
// Variables: COLD_TRIES (10), COLD_DEPOSIT_TRIES (the same; each takes two minutes), COLD_GO_IMAGE (a static Go program that answers HTTP on $PORT).
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { mustCreate } from '../traffic/customers.ts';
import { percentile } from '../traffic/percentile.ts';
import { table } from '../traffic/table.ts';
import { atZero, findBank } from './testing/bank.ts';
import { applyYaml, kubectl, namespace, portForward } from './testing/kubectl.ts';

const tries = Number(process.env['COLD_TRIES'] ?? 10);
const depositTries = Number(process.env['COLD_DEPOSIT_TRIES'] ?? tries);
const goImage = process.env['COLD_GO_IMAGE'] ?? 'ghcr.io/knative/helloworld-go:latest';
const services = ['cold-function', 'cold-node', 'cold-go'] as const;
const zeroMs = 300_000;
/** Endpoints and the activator's view of them settle a moment after the last pod is gone. */
const settleMs = 5_000;

type Template = { metadata: { annotations?: Record<string, string> }; spec: { containers: Record<string, unknown>[] } };

const times = new Map<string, number[]>();
try {
  await applyYaml(await manifests());
  await kubectl('wait', '--for=condition=Ready', '--timeout=300s', ...services.map((name) => `ksvc/${name}`));
  await measureServices();
} finally {
  await kubectl('delete', 'ksvc', '--ignore-not-found', ...services);
}
if (depositTries > 0) await measureDeposits();
console.log(report());

async function manifests(): Promise<string> {
  const { spec } = JSON.parse(await kubectl('get', 'ksvc', 'deposit', '--output', 'json')) as {
    spec: { template: Template };
  };
  const [container] = spec.template.spec.containers;
  const script = 'require("node:http").createServer((q, r) => r.end("ok")).listen(8080)';
  const bare = Object.fromEntries(Object.entries(container ?? {}).filter(([key]) => key !== 'args' && key !== 'env'));
  const containers = {
    'cold-function': container ?? {},
    'cold-node': { ...bare, args: ['-e', script] },
    'cold-go': { ...bare, image: goImage },
  };
  return services.map((name) => stringify(service(name, spec.template, containers[name]))).join('---\n');
}

function service(name: string, { metadata, spec }: Template, container: Record<string, unknown>): object {
  const annotations = { ...metadata.annotations, 'autoscaling.knative.dev/window': '6s' };
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { 'networking.knative.dev/visibility': 'cluster-local' } },
    spec: { template: { metadata: { annotations }, spec: { ...spec, containers: [container] } } },
  };
}

/** In another order each time, so that none always finds the machine as the others left it. */
async function measureServices(): Promise<void> {
  await using gateway = await portForward('kourier-internal', 80, 'kourier-system');
  for (let round = 1; round <= tries; round++) {
    await atZero(zeroMs, services);
    await sleep(settleMs);
    for (const name of [...services].sort(() => Math.random() - 0.5)) {
      const ms = await firstByteMs(`${gateway.url}/readyz`, `${name}.${namespace}.svc.cluster.local`);
      keep(name, ms);
      console.log(`${round}. ${name}: ${Math.round(ms)} ms`);
      // The one before must not be starting still.
      await sleep(settleMs);
    }
  }
}

async function firstByteMs(url: string, host: string): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { host }, agent: false }, (response) => {
      const ms = performance.now() - began;
      response.resume();
      if (response.statusCode === 200) resolve(ms);
      else reject(new Error(`${host} answered ${response.statusCode}`));
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function measureDeposits(): Promise<void> {
  const bank = await findBank();
  const token = (): Promise<string> => bank.teller.token();
  const name = { name: 'Carl Cold', email: `cold-${Date.now()}@example.com` };
  const user = await mustCreate<{ id: number }>(bank.api, {
    method: 'POST',
    path: '/users',
    token: await token(),
    body: name,
  });
  const opening = { user_id: user.id, account_type: 'checking' };
  const account = await mustCreate<{ id: number }>(bank.api, {
    method: 'POST',
    path: '/accounts',
    token: await token(),
    body: opening,
  });
  for (let round = 1; round <= depositTries; round++) {
    const valid = await token();
    await atZero(zeroMs);
    await sleep(settleMs / 5); // Less than a relay sleeps between two ticks.
    const began = performance.now();
    await mustCreate(bank.api, {
      method: 'POST',
      path: '/deposits',
      token: valid,
      body: { account_id: account.id, amount: 1 },
    });
    const ms = performance.now() - began;
    keep('POST /deposits', ms);
    console.log(`${round}. POST /deposits: ${Math.round(ms)} ms`);
  }
}

function keep(name: string, ms: number): void {
  times.set(name, [...(times.get(name) ?? []), ms]);
}

function report(): string {
  const labels = {
    'cold-go': 'static Go',
    'cold-node': 'bare Node',
    'cold-function': 'function deposit, GET /readyz',
    'POST /deposits': 'POST /deposits, all at zero',
  };
  const go = percentile(times.get('cold-go') ?? [], 0.5);
  const measured = Object.entries(labels).filter(([name]) => times.has(name));
  const rows = measured.map(([name, label]) => {
    const all = times.get(name) ?? [];
    const cells = [Math.min(...all), percentile(all, 0.5), Math.max(...all)].map((ms) => String(Math.round(ms)));
    return [label, String(all.length), ...cells, (percentile(all, 0.5) / go).toFixed(2)];
  });
  return `\n${table([['from zero, ms to the first byte', 'tries', 'min', 'median', 'max', '× Go'], ...rows])}`;
}
