// From nothing: what an earlier run left is taken away in the order that down.sh knows, then the images and the bank, then once more.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kindFolder } from './testing/bank.ts';
import { note, seconds } from './testing/figures.ts';
import { kubectl } from './testing/kubectl.ts';
import { runScript } from './testing/run-script.ts';

const quarterHour = 900_000;

test('the bank runs from nothing', { timeout: 2 * quarterHour }, async () => {
  await runScript(join(kindFolder, 'down.sh'), 'bank');
  const began = performance.now();
  await runScript(join(kindFolder, 'up.sh'), 'images', 'bank');
  await note('deploy', 'from nothing to the bank, images included', seconds(performance.now() - began));
});

test('a second run changes nothing: no new revision, no Secret made anew', { timeout: quarterHour }, async () => {
  const state = async (): Promise<string> =>
    kubectl(
      'get',
      'revisions,secrets',
      '--output',
      'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{"\\n"}{end}',
    );
  const before = await state();
  const began = performance.now();
  await runScript(join(kindFolder, 'up.sh'), 'images', 'bank');
  await note('deploy', 'the same again', seconds(performance.now() - began));
  expect(await state()).toBe(before);
});
