// README.md's walk-through and its command through the Broker, as they stand there, but for the addresses and where the teller's password is.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { askThroughBroker, walkThrough } from '../local/testing/walk-through.ts';
import { bankUrl, firstTeller } from './testing/bank.ts';
import { note, seconds } from './testing/figures.ts';
import { portForward } from './testing/kubectl.ts';

test('the walk-through of README.md and its command through the Broker print what they say', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-walk-'));
  try {
    await writeFile(join(folder, 'teller.json'), JSON.stringify(await firstTeller()), { mode: 0o600 });
    await using broker = await portForward('bank-broker-ingress', 80);
    await writeFile(join(folder, 'running.json'), JSON.stringify({ broker: `${broker.url}/` }));
    const place = { address: await bankUrl(), folder };
    const parts = [await walkThrough(place), await askThroughBroker(place)];
    const [script, said] = [parts.map((part) => part.script).join('\n'), parts.flatMap((part) => part.said)];
    // The bank of an earlier run knows her already, and the deposit.
    const run = String(Date.now());
    const fresh = script.replace('alice@', `alice-${run}@`).replace('my-first-deposit', `my-first-deposit-${run}`);
    const began = performance.now();
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', fresh], { timeout: 180_000 });
    for (const text of said) expect(stdout).toContain(text);
    await note('walk-through', 'all commands', seconds(performance.now() - began));
  } finally {
    await rm(folder, { recursive: true });
  }
});
