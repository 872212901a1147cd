// What is checked in under platform/base/functions is what the contracts and the settings say.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderAll, servicesFolder } from './rendered.ts';

test('the checked-in Services and sums are those of the contracts and settings; else: npm run render', async () => {
  const files = await renderAll();
  for (const [path, text] of files) expect(await readFile(path, 'utf8').catch(() => 'no such file'), path).toBe(text);
  const there = (await readdir(servicesFolder)).map((name) => join(servicesFolder, name));
  expect(there.filter((path) => !files.has(path))).toEqual([]);
});
