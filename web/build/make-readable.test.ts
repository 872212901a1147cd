import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeReadable } from './make-readable.ts';

test('everybody may read what was made for its owner alone, at any depth', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-readable-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'assets/.vite'), { recursive: true });
  const files = ['index.html', 'assets/app.js', 'assets/.vite/manifest.json'].map((name) => join(folder, name));
  const folders = ['', 'assets', 'assets/.vite'].map((name) => join(folder, name));
  for (const file of files) await writeFile(file, '', { mode: 0o600 });
  for (const each of folders) await chmod(each, 0o700);

  await makeReadable(folder);
  const modes = async (paths: string[]) => Promise.all(paths.map(async (path) => (await stat(path)).mode & 0o777));
  expect(await modes(files)).toEqual([0o644, 0o644, 0o644]);
  expect(await modes(folders)).toEqual([0o755, 0o755, 0o755]);
});
