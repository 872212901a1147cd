// `npm run bench`, as short as it can be: it proves that the measurement works, not how fast the bank is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from '../local/settings.ts';

async function runBench(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(checkout, 'platform/bench/bench.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

test('measures the bank beside pgbench, without errors and with balanced books', { timeout: 120_000 }, async () => {
  const short = ['--seconds', '1', '--rounds', '1', '--clients', '2', '--accounts', '10', '--scale', '2'];
  const { code, output } = await runBench(...short);
  expect(output).toMatch(/^pgbench tpcb-like +2 +\d+ +1\.00/m);
  expect(output).toMatch(/^deposits +2 +\d+ +\d+\.\d\d/m);
  expect(output).toMatch(/^transfers +2 +\d+ +\d+\.\d\d/m);
  expect(output).toMatch(
    /^counting costs a deposit -?\d+\.\d % of the bank's CPU time \(\d+ µs, \d+ µs without; median of 2 pairs/m,
  );
  expect(output).toContain('books: balanced, no event owed, no errors');
  expect(code).toBe(0);
});

test('says in one line what is wrong, and shows its options', async () => {
  expect(await runBench('--rounds', 'many')).toEqual({
    code: 2,
    output: 'bench: --rounds has to be a whole number from 1 to 100 (--help shows all options)\n',
  });
  expect(await runBench('--help')).toMatchObject({ code: 0, output: expect.stringContaining('--clients') as string });
});
