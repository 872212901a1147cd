// smoke.sh, as a reader runs it.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kindFolder } from './testing/bank.ts';
import { note } from './testing/figures.ts';
import { runScript } from './testing/run-script.ts';

test('the walk-through works from cold, and everything goes back to zero', async () => {
  const output = await runScript(join(kindFolder, 'smoke.sh'));
  expect(output).toMatch(/^smoke: passed$/m);
  for (const [, what = '', time = ''] of output.matchAll(/^(\S.*?) {2,}(?:\d{3}|-) {2}([\d.]+ s)$/gm)) {
    await note('smoke', what, time);
  }
});
