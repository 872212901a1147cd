// One deposit with tracing on: its spans from the edge's request to the notification, with Knative's own in between. The receiver is this
// process: what platform/components/tracing gives the bank, but for where its Service `traces` leads. All is taken back at the end.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { drawTrace, startOtlpReceiver, type ReceivedSpan } from '../../observability/tests/otlp-receiver.ts';
import { requestTo } from '../../functions/shared/testing/request.ts';
import { findBank } from './testing/bank.ts';
import { note } from './testing/figures.ts';
import { applyYaml, kubectl } from './testing/kubectl.ts';

const traced = ['deposit', 'notify'];
const port = 4318;
const settings = ['knative-serving', 'knative-eventing'];
const on = {
  'tracing-protocol': 'http/protobuf',
  'tracing-endpoint': `http://traces.monitoring.svc.cluster.local:${port}/v1/traces`,
  'tracing-sampling-rate': '1',
};
const endpoint = { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: `http://traces.monitoring.svc.cluster.local:${port}` };

test(
  'a deposit is one trace across the activator, queue-proxy, the Broker and notify',
  { timeout: 900_000 },
  async () => {
    await using undo = new AsyncDisposableStack();
    const receiver = undo.adopt(await startOtlpReceiver('0.0.0.0'), (started) => started.close());
    await turnOn(new URL(receiver.url).port, undo);

    const bank = await findBank();
    const token = await bank.teller.token();
    const request = requestTo(`${bank.url}/api`);
    const email = `traced-${Date.now()}@bank.example`;
    const { body: user } = await request<{ id: number }>('POST', '/users', { token, body: { name: 'Traced', email } });
    const { body: account } = await request<{ id: number }>('POST', '/accounts', {
      token,
      body: { user_id: user.id, account_type: 'checking' },
    });
    const traceId = crypto.randomUUID().replaceAll('-', '');
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const body = { account_id: account.id, amount: 8642.17 };
    const answer = await request<{ trace_id: string }>('POST', '/deposits', { token, body, headers });
    expect(answer).toMatchObject({ status: 201, body: { trace_id: traceId } });

    const ofTrace = (): ReceivedSpan[] => receiver.spans.filter((span) => span.traceId === traceId);
    const event = 'com.microbank.transaction.completed';
    const ends = () => ofTrace().map(({ name }) => name);
    await expect
      .poll(ends, { timeout: 180_000, interval: 1_000 })
      .toEqual(expect.arrayContaining(['POST /deposits', `send ${event}`, `process ${event}`, 'SELECT apply_events']));
    await sleep(10_000); // Knative's exporters send every five seconds.
    const spans = ofTrace();
    console.log(drawTrace(spans).join('\n'));
    console.log([...new Set(spans.map(({ resource }) => String(resource['service.name'])))].sort().join(', '));

    const above = (name: string): ReceivedSpan[] => ancestorsOf(spans, (span) => span.name === name);
    const namesAbove = (name: string) => above(name).map((span) => span.name);
    // From the function up to the request, through what Knative has put before it.
    expect(namesAbove('SELECT post')).toEqual(
      expect.arrayContaining(['ledger commit', 'ledger post', 'POST /deposits']),
    );
    const before = above('POST /deposits');
    expect(
      before.map(({ resource }) => resource['service.name']).filter((name) => name !== 'deposit').length,
    ).toBeGreaterThan(0);
    expect(before.at(-1)?.parentSpanId).toBe('00f067aa0ba902b7');
    // From the consumer up to the same request, through what Knative has put before it. The Broker hands on the trace of what recorded the
    // event, which is the request, and not that of who sent it.
    expect(namesAbove(`send ${event}`)).toContain('POST /deposits');
    expect(namesAbove(`process ${event}`)).toContain('POST /deposits');
    const services = new Set(above(`process ${event}`).map(({ resource }) => resource['service.name']));
    expect([...services].filter((name) => name !== 'deposit' && name !== 'notify')).not.toEqual([]);
    expect(above(`process ${event}`).filter(({ name }) => name.startsWith('kn.queueproxy')).length).toBeGreaterThan(2);
    const consumer = spans.find(({ name }) => name === `process ${event}`);
    expect(consumer?.resource['service.name']).toBe('notify');
    const said = JSON.stringify(spans.map(({ name, attributes, resource }) => [name, attributes, resource]));
    for (const secret of ['8642', 'Traced', email, token]) expect(said).not.toContain(secret);
    await note('traces', 'spans of one deposit', spans.length);
  },
);

/** The span that fits, and those above it, upwards. */
function ancestorsOf(spans: readonly ReceivedSpan[], fits: (span: ReceivedSpan) => boolean): ReceivedSpan[] {
  const found: ReceivedSpan[] = [];
  for (let span = spans.find(fits); span; span = spans.find(({ spanId }) => spanId === found.at(-1)?.parentSpanId))
    found.push(span);
  return found.slice(1);
}

async function turnOn(receiverPort: string, undo: AsyncDisposableStack): Promise<void> {
  const node = (
    await kubectl('get', 'nodes', '--output', 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}')
  ).trim();
  const made = receiverOn(node, Number(receiverPort));
  undo.defer(async () => {
    for (const { kind, metadata } of made)
      await kubectl('--namespace', metadata.namespace, 'delete', kind, metadata.name, '--ignore-not-found');
  });
  await applyYaml(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: made }));

  for (const namespace of settings) {
    const patch = (data: object) =>
      kubectl(
        '--namespace',
        namespace,
        'patch',
        'configmap',
        'config-observability',
        '--type=merge',
        '--patch',
        JSON.stringify({ data }),
      );
    undo.defer(async () => {
      await patch(Object.fromEntries(Object.keys(on).map((key) => [key, null])));
    });
    await patch(on);
  }
  // Its own are set when it starts; those of queue-proxies with the Revision.
  const restart = async () => {
    await kubectl('--namespace', 'knative-serving', 'rollout', 'restart', 'deployment/activator');
    await kubectl('--namespace', 'knative-serving', 'rollout', 'status', 'deployment/activator', '--timeout=180s');
  };
  undo.defer(restart);
  await restart();

  for (const name of traced) {
    const path = '/spec/template/spec/containers/0/env/-';
    undo.defer(() => withoutEndpoint(name));
    const patch = JSON.stringify([{ op: 'add', path, value: endpoint }]);
    await kubectl('patch', 'services.serving.knative.dev', name, '--type=json', '--patch', patch);
  }
  await ready();
}

async function withoutEndpoint(name: string): Promise<void> {
  const path = '{.spec.template.spec.containers[0].env[*].name}';
  const names = (await kubectl('get', 'services.serving.knative.dev', name, '--output', `jsonpath=${path}`)).split(' ');
  const at = names.indexOf(endpoint.name);
  if (at < 0) return;
  const patch = JSON.stringify([{ op: 'remove', path: `/spec/template/spec/containers/0/env/${at}` }]);
  await kubectl('patch', 'services.serving.knative.dev', name, '--type=json', '--patch', patch);
}

async function ready(): Promise<void> {
  await sleep(2_000); // Until the controllers have seen what is new.
  for (const name of traced) {
    await kubectl('wait', '--for=condition=Ready', '--timeout=300s', `services.serving.knative.dev/${name}`);
    const revisions = 'jsonpath={.status.latestCreatedRevisionName} {.status.latestReadyRevisionName}';
    const latest = async () =>
      new Set((await kubectl('get', 'services.serving.knative.dev', name, '--output', revisions)).split(' ')).size;
    await expect.poll(latest, { timeout: 300_000, interval: 1_000 }).toBe(1);
  }
}

type Made = { kind: string; metadata: { name: string; namespace: string; labels?: object }; [field: string]: unknown };

/** As platform/components/tracing has it, with this machine in the place of the pod. */
function receiverOn(address: string, receiverPort: number): Made[] {
  const policy = (name: string, podSelector: object) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'microbank' },
    spec: {
      podSelector,
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: `${address}/32` } }], ports: [{ port: receiverPort, protocol: 'TCP' }] }],
    },
  });
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'traces', namespace: 'monitoring' },
      spec: { ports: [{ name: 'otlp-http', port, targetPort: receiverPort }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'traces-1', namespace: 'monitoring', labels: { 'kubernetes.io/service-name': 'traces' } },
      addressType: 'IPv4',
      ports: [{ name: 'otlp-http', port: receiverPort, protocol: 'TCP' }],
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
    },
    policy('spans-to-this-machine', { matchExpressions: [{ key: 'serving.knative.dev/service', operator: 'Exists' }] }),
    policy('broker-spans-to-this-machine', { matchLabels: { 'eventing.knative.dev/broker': 'bank' } }),
  ];
}
