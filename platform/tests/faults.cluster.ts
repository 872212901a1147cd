// What runs is killed under load, a part at a time. Requests may have to be sent again; nothing is lost and nothing applied twice.
import { expect, test } from 'vitest';
import { podsReady } from './testing/bank.ts';
import { note } from './testing/figures.ts';
import { kubectl, list } from './testing/kubectl.ts';
import { describe, underLoad } from './testing/load.ts';

type Fault = { what: string; selector: string; named?: RegExp; graceSeconds: number };

// A second for those that have a volume: of a pod that is struck off at once, two may run on it for a moment.
const faults: Fault[] = [
  { what: 'a copy of deposit', selector: 'serving.knative.dev/service=deposit', graceSeconds: 0 },
  { what: 'the Broker’s ingress', selector: 'eventing.knative.dev/brokerRole=ingress', graceSeconds: 0 },
  {
    what: 'a dispatcher',
    selector: 'eventing.knative.dev/brokerRole=dispatcher',
    named: /^notify-transaction-completed-dispatcher-/,
    graceSeconds: 0,
  },
  { what: 'the pooler', selector: 'cnpg.io/poolerName=bank-pooler', graceSeconds: 0 },
  { what: 'RabbitMQ', selector: 'app.kubernetes.io/name=bank', named: /^bank-server-/, graceSeconds: 1 },
  { what: 'PostgreSQL', selector: 'cnpg.io/cluster=bank,cnpg.io/podRole=instance', graceSeconds: 1 },
];

test.each(faults)('$what is killed under load: nothing is lost, nothing doubled', async ({ what, ...fault }) => {
  let killed = '';
  const loaded = await underLoad({ rate: 5, seconds: 30 }, async () => {
    killed = await kill(fault);
  });
  await note('faults', `${what} killed`, describe(loaded));
  expect(killed).not.toBe('');
  // A request that was sent again until the part was back has not failed.
  expect(loaded).toMatchObject({ failed: 0, reasons: '', differences: [] });
  await podsReady(fault.selector);
});

async function kill({ selector, named = /./, graceSeconds }: Omit<Fault, 'what'>): Promise<string> {
  const pod = (await list('pods', selector)).map(({ metadata }) => metadata.name).find((name) => named.test(name));
  if (pod === undefined) throw new Error(`no pod has ${selector}`);
  const force = graceSeconds === 0 ? ['--force'] : [];
  await kubectl('delete', 'pod', pod, `--grace-period=${graceSeconds}`, ...force, '--wait=false');
  return pod;
}
