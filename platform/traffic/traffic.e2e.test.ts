// `npm run traffic` against a bank that `npm start` runs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { checkout } from '../local/settings.ts';
import { npmStart } from '../local/testing/npm-start.ts';

const data = await mkdtemp(join(tmpdir(), 'microbank-traffic-'));
await chmod(data, 0o711);
afterAll(async () => rm(data, { recursive: true, force: true }));

const minute = { timeout: 90_000 };

type Run = { code: number | null; output: string };

/** Runs the program; `interruptAfterMs` after its first progress line it gets a Ctrl-C. */
async function runTraffic(args: readonly string[], interrupt = false): Promise<Run> {
  const child = spawn(process.execPath, [join(checkout, 'platform/traffic/traffic.ts'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', MICROBANK_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (interrupt && output.includes('answered')) child.kill('SIGINT');
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

test('mixes all operations and finds the books balanced, ending early on Ctrl-C', minute, async () => {
  const url = await npmStart({ MICROBANK_DATA: data }).ready();
  const whole = await runTraffic(['--url', url, '--seconds', '4', '--rate', '40', '--users', '3']);
  expect(whole.output).toMatch(/^books: balanced \(6 accounts, \d+ transactions confirmed\)$/m);
  expect(whole.output).toMatch(/^deposit +\d+/m);
  expect(whole.output).toMatch(/^transfer +\d+/m);
  expect(whole.output).toMatch(/, 0 failed/);
  expect(whole.code).toBe(0);

  const interrupted = await runTraffic(['--url', url, '--seconds', '600', '--users', '2'], true);
  expect(interrupted.output).toContain('books: balanced');
  expect(interrupted.code).toBe(0);
});

test('goes on with the same keys when the bank is away for a moment', minute, async () => {
  const port = '0';
  const first = npmStart({ MICROBANK_DATA: data, PORT: port });
  const url = await first.ready();
  const running = runTraffic(['--url', url, '--seconds', '8', '--rate', '30', '--users', '2']);
  await sleep(4_000);
  first.process.kill('SIGTERM');
  await first.ended;
  await npmStart({ MICROBANK_DATA: data, PORT: new URL(url).port }).ready();
  const { code, output } = await running;
  expect(output).toMatch(/, \d+ retries/);
  expect(output).toContain('books: balanced');
  expect(code).toBe(0);
});

test('says in one line what is wrong, and shows its options', async () => {
  const wrong: [string[], number, string][] = [
    [['--rate', 'fast'], 2, 'traffic: --rate has to be a number from 0.1 to 2000 (--help shows all options)'],
    [['--users', '1.5'], 2, 'traffic: --users has to be a whole number from 2 to 200 (--help shows all options)'],
    [['--url', 'localhost'], 2, 'traffic: --url has to be an http:// or https:// address (--help shows all options)'],
    [['--email', 'a@b.example'], 2, 'traffic: --email and --password go together (--help shows all options)'],
    [['--nonsense'], 2, "traffic: Unknown option '--nonsense' (--help shows all options)"],
    [
      ['--teller-file', '/nowhere'],
      1,
      'traffic: cannot read /nowhere; does the bank run (npm start)? Or give --email and --password',
    ],
  ];
  for (const [args, code, line] of wrong) {
    const run = await runTraffic(args);
    expect(run.output.trim().split('\n').at(-1)).toBe(line);
    expect(run.code).toBe(code);
  }
  const help = await runTraffic(['--help']);
  expect(help.output).toContain('--teller-file');
  expect(help.code).toBe(0);
});
