// A new revision of functions takes over under load, and nobody who asks the bank notices.
import { expect, test } from 'vitest';
import { note } from './testing/figures.ts';
import { kubectl } from './testing/kubectl.ts';
import { describe, underLoad } from './testing/load.ts';

const rolled = ['deposit', 'transfer', 'read-accounts'];

test('no request fails while new revisions of three functions take over', async () => {
  const before = await latestReady();
  const loaded = await underLoad({ rate: 5, seconds: 45 }, async () => {
    const change = {
      spec: { template: { metadata: { annotations: { 'microbank.dev/rolled-at': String(Date.now()) } } } },
    };
    for (const name of rolled)
      await kubectl('patch', 'ksvc', name, '--type', 'merge', '--patch', JSON.stringify(change));
  });
  await kubectl('wait', '--for=condition=Ready', '--timeout=180s', ...rolled.map((name) => `ksvc/${name}`));
  await note('rollout', rolled.join(', '), describe(loaded));

  const after = await latestReady();
  for (const [index, name] of rolled.entries()) expect(after[index], name).not.toBe(before[index]);
  expect(loaded).toMatchObject({ failed: 0, retried: 0, reasons: '', differences: [] });
});

async function latestReady(): Promise<string[]> {
  return Promise.all(
    rolled.map((name) => kubectl('get', 'ksvc', name, '--output', 'jsonpath={.status.latestReadyRevisionName}')),
  );
}
