// How `npm run test:broker` reaches a cluster: settings, and triggers applied and taken away by kubectl, here a script.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { knativeBroker } from './testing/knative-broker.ts';

const settings = { BROKER_URL: 'http://broker.example/', SUBSCRIBER_HOST: 'laptop.example', SUBSCRIBER_PORT: '9999' };

test('says what is missing', () => {
  expect(() => knativeBroker({ SUBSCRIBER_PORT: 'many' })).toThrow(
    /BROKER_URL: .*\nSUBSCRIBER_HOST: .*\nSUBSCRIBER_PORT: /,
  );
});

test('advertises the subscribers as the cluster reaches them', () => {
  expect(knativeBroker(settings)).toMatchObject({
    kind: 'knative',
    broker: 'bank',
    namespace: 'microbank',
    subscribers: { listenOn: '::', host: 'laptop.example', port: 9999 },
  });
});

test('applies the triggers, waits until they are ready, and deletes them', async () => {
  const { folder, calls } = await givenKubectl('exit 0');
  const under = knativeBroker({ ...settings, TRIGGER_NAMESPACE: 'elsewhere', PATH: folder });
  const { url, close } = await under.open('kind: Trigger');
  expect(url).toBe('http://broker.example/');
  const opened = ['apply --namespace elsewhere', 'wait --namespace elsewhere', 'wait --namespace elsewhere'];
  expect(await calls()).toEqual(opened);
  await close();
  expect(await calls()).toEqual([...opened, 'delete --namespace elsewhere']);
  expect(await readFile(join(folder, 'stdin'), 'utf8')).toBe('kind: Trigger'.repeat(3));
});

test('deletes the triggers when they do not become ready', async () => {
  const { folder, calls } = await givenKubectl('[ "$1" != wait ]');
  const under = knativeBroker({ ...settings, PATH: folder });
  await expect(under.open('kind: Trigger')).rejects.toThrow('kubectl wait ended with 1');
  expect((await calls()).at(-1)).toBe('delete --namespace microbank');
});

test('says that it needs kubectl', async () => {
  await expect(knativeBroker({ ...settings, PATH: '/nowhere' }).open('')).rejects.toThrow(
    'kubectl, which has to be in PATH',
  );
});

/** A folder with a `kubectl` that notes how it was called, and ends as `last` says. */
async function givenKubectl(last: string): Promise<{ folder: string; calls: () => Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const script = `#!/bin/sh\necho "$1 $2 $3" >> "${folder}/calls"\n/bin/cat >> "${folder}/stdin"\n${last}\n`;
  await writeFile(join(folder, 'kubectl'), script, { mode: 0o755 });
  const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  return { folder, calls };
}
