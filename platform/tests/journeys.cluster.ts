// Journeys of the web UI in Chromium through the edge: those that must not move money twice, those that are live, and signing in by passkey.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { TestedBank } from '../../web/tests/testing/bank.ts';
import { bankUrl, firstTeller } from './testing/bank.ts';
import { note } from './testing/figures.ts';

test('the retry-safe, live and passkey journeys pass in a browser', { timeout: 1_200_000 }, async () => {
  // What these journeys do not ask for is not there: the bank is no process of this machine.
  // By name, as the journeys tell the bank's own addresses from foreign ones.
  const origin = (await bankUrl()).replace('127.0.0.1', 'localhost');
  const bank: Partial<TestedBank> = { origin, teller: await firstTeller() };
  const words = ['node_modules/@playwright/test/cli.js', 'test', '--config', 'platform/tests/playwright.config.ts'];
  const child = spawn(process.execPath, words, {
    env: { ...process.env, TESTED_BANK: JSON.stringify(bank), NO_COLOR: '1', FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  await note('journeys', 'retry-safe, live, passkeys', /^\d+ passed, \d+ failed$/m.exec(output)?.[0] ?? 'none');
  expect(code, output.slice(-3_000)).toBe(0);
});
