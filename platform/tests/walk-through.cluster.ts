// README.md's walk-through as it stands there, but for the address and where the teller's password is.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { walkThrough } from '../local/testing/walk-through.ts';
import { bankUrl, firstTeller } from './testing/bank.ts';
import { note, seconds } from './testing/figures.ts';

test('the walk-through of README.md prints what it says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-walk-'));
  try {
    await writeFile(join(folder, 'teller.json'), JSON.stringify(await firstTeller()), { mode: 0o600 });
    const { script, said } = await walkThrough({ address: await bankUrl(), folder });
    // The bank of an earlier run knows her already.
    const fresh = script.replace('alice@example.com', `alice-${Date.now()}@example.com`);
    const began = performance.now();
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', fresh], { timeout: 180_000 });
    for (const text of said) expect(stdout).toContain(text);
    await note('walk-through', 'all commands', seconds(performance.now() - began));
  } finally {
    await rm(folder, { recursive: true });
  }
});
