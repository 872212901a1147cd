// README.md is true: its walk-through is run as it stands there, and its story is read file by file.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { checkout } from './settings.ts';
import { npmStart } from './testing/npm-start.ts';
import { askThroughBroker, readmeSection, walkThrough } from './testing/walk-through.ts';

const data = await mkdtemp(join(tmpdir(), 'microbank-readme-'));
await chmod(data, 0o711);
afterAll(async () => rm(data, { recursive: true, force: true }));

test(
  'the walk-through and what follows it run as they stand and print what they say',
  { timeout: 60_000 },
  async () => {
    const address = await npmStart({ MICROBANK_DATA: data }).ready();
    const parts = [await walkThrough({ address, folder: data }), await askThroughBroker({ address, folder: data })];
    const script = parts.map((part) => part.script).join('\n');
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { timeout: 30_000 });
    for (const text of parts.flatMap(({ said }) => said)) expect(stdout).toContain(text);
  },
);

test('a deposit is followed through at most nine files, each naming the next in its first line', async () => {
  const story = await readmeSection('Follow one deposit');
  const files = [...story.matchAll(/^\d\. \[(\S+)\]/gm)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThan(1);
  expect(files.length).toBeLessThanOrEqual(9);
  for (const [index, file] of files.slice(0, -1).entries()) {
    const [firstLine] = (await readFile(join(checkout, file), 'utf8')).split('\n');
    expect(firstLine, file).toContain(files[index + 1]);
  }
});
