// Trigger manifests that this broker honours, and those that it refuses by file and field.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseDuration } from './duration.ts';
import { readTriggers, TriggersRefused } from './read-triggers.ts';

const whole = `
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: notify-deposits
spec:
  broker: bank
  filter:
    attributes: { type: com.microbank.transaction.completed }
  subscriber:
    ref: { apiVersion: serving.knative.dev/v1, kind: Service, name: notify }
    uri: /events
  delivery:
    retry: 5
    backoffPolicy: exponential
    backoffDelay: PT0.5S
    timeout: PT30S
    deadLetterSink:
      ref: { apiVersion: serving.knative.dev/v1, kind: Service, name: dead-letter }
`;

async function read(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'triggers-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return readTriggers(folder);
}

test('reads a whole manifest', async () => {
  expect(await read({ 'one.yaml': whole, 'notes.md': 'not a manifest' })).toEqual([
    {
      name: 'notify-deposits',
      filter: { type: 'com.microbank.transaction.completed' },
      subscriber: { service: 'notify', uri: '/events' },
      delivery: { retry: 5, backoffPolicy: 'exponential', backoffDelayMs: 500, timeoutMs: 30_000 },
      deadLetterSink: { service: 'dead-letter', uri: undefined },
      parallelism: 1,
    },
  ]);
});

test("passes over the list of the folder's files that a cluster is given", async () => {
  const list = 'kind: Kustomization\nresources: [one.yaml]\n';
  expect(await read({ 'kustomization.yaml': list, 'one.yaml': whole })).toHaveLength(1);
  await expect(read({ 'kustomize.yaml': list })).rejects.toThrow('kustomize.yaml: ');
});

test('reads several documents of one file, an absolute uri, and the parallelism', async () => {
  const other = whole
    .replace('name: notify-deposits', 'name: other\n  annotations: { rabbitmq.eventing.knative.dev/parallelism: "7" }')
    .replace(
      'ref: { apiVersion: serving.knative.dev/v1, kind: Service, name: notify }\n    uri: /events',
      'uri: http://127.0.0.1:9/x',
    );
  const [first, second] = await read({ 'two.yml': `${whole}---\n${other}---\n` });
  expect(first?.name).toBe('notify-deposits');
  expect(second).toMatchObject({ parallelism: 7, subscriber: { service: undefined, uri: 'http://127.0.0.1:9/x' } });
});

test.each([
  ['no delivery', /  delivery:[^]*/, '', 'bad.yaml: spec.delivery: '],
  ['no dead-letter sink', /    deadLetterSink:[^]*/, '', 'bad.yaml: spec.delivery.deadLetterSink: '],
  ['no retry', '    retry: 5\n', '', 'bad.yaml: spec.delivery.retry: '],
  ['no timeout', '    timeout: PT30S\n', '', 'bad.yaml: spec.delivery.timeout: '],
  ['an unknown backoff', 'exponential', 'random', 'bad.yaml: spec.delivery.backoffPolicy: '],
  [
    'a delay that is no duration',
    'PT0.5S',
    '500ms',
    'bad.yaml: spec.delivery.backoffDelay: 500ms is not an ISO 8601 duration',
  ],
  [
    'another filter dialect',
    '  filter:',
    '  filters: [{ cesql: "true" }]\n  filter:',
    'bad.yaml: spec.filters: is not honoured',
  ],
  ['a timeout of nothing', 'PT30S', 'PT0S', 'bad.yaml: spec.delivery.timeout: must be more than nothing'],
  ['a timeout of a month', 'PT30S', 'P30D', 'bad.yaml: spec.delivery.timeout: must be more than nothing'],
  ['no filter', /  filter:\n.*\n/, '', 'bad.yaml: spec.filter: '],
  ['a filter without a type', 'type: com', 'source: com', 'bad.yaml: spec.filter.attributes.type: '],
  [
    'a wildcard',
    'com.microbank.transaction.completed',
    '""',
    'bad.yaml: spec.filter.attributes.type: must not be empty',
  ],
  ['a misspelt field', 'retry: 5', 'retry: 5\n    retries: 5', 'bad.yaml: spec.delivery.retries: is not honoured'],
  [
    'a subscriber of another kind',
    'kind: Service, name: notify',
    'kind: Channel, name: notify',
    'bad.yaml: spec.subscriber.ref.kind: ',
  ],
  ['no subscriber', /  subscriber:\n.*\n.*\n/, '  subscriber: {}\n', 'bad.yaml: spec.subscriber: needs a ref'],
  ['another broker', 'broker: bank', 'broker: other', 'bad.yaml: spec.broker: is other'],
  ['another kind', 'kind: Trigger', 'kind: Broker', 'bad.yaml: kind: '],
  ['broken YAML', 'spec:', 'spec: [', 'bad.yaml: line '],
])('refuses %s', async (_name, part, replacement, problem) => {
  const bad = whole.replace('name: notify-deposits', 'name: bad').replace(part, replacement);
  expect(bad).not.toBe(whole);
  const reading = read({ 'bad.yaml': bad, 'good.yaml': whole });
  await expect(reading).rejects.toThrow(TriggersRefused);
  await expect(reading).rejects.toThrow(problem);
});

test('refuses a name that is there twice, and names every problem at once', async () => {
  const files = {
    'a.yaml': whole,
    'b.yaml': whole,
    'c.yaml': whole.replace('retry: 5', 'retry: -1').replace('-deposits', ''),
  };
  await expect(read(files)).rejects.toThrow(
    /^b\.yaml: metadata\.name: notify-deposits is already in a\.yaml\nc\.yaml: spec\.delivery\.retry: .*$/,
  );
});

test.each([
  ['PT0.5S', 500],
  ['PT30S', 30_000],
  ['PT1M30S', 90_000],
  ['PT2H', 7_200_000],
  ['P1DT1S', 86_401_000],
  ['PT0S', 0],
  ['P', undefined],
  ['PT', undefined],
  ['P1M', undefined],
  ['30s', undefined],
  ['-PT1S', undefined],
])('%s lasts %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
