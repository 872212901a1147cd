// Rules and alerts by promtool: they parse, and each alert fires for the trouble it names and is silent without it. `PROMTOOL` in the
// environment names another one than Debian's.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const rules = fileURLToPath(new URL('../rules/', import.meta.url));
const promtool = (...args: string[]) =>
  promisify(execFile)(process.env['PROMTOOL'] ?? 'promtool', args, { cwd: rules });

test('promtool reads both files', async () => {
  const { stdout } = await promtool('check', 'rules', 'recording.yaml', 'alerts.yaml');
  expect(stdout).toContain('SUCCESS');
});

test('every alert fires in its own test, and is silent in another', { timeout: 240_000 }, async () => {
  await promtool('test', 'rules', 'alerts.test.yaml');
  const text = await readFile(`${rules}alerts.test.yaml`, 'utf8');
  type Tests = { tests: { alert_rule_test: { alertname: string; exp_alerts?: object[] }[] }[] };
  const cases = (parse(text) as Tests).tests.flatMap(({ alert_rule_test: tests }) => tests);
  const names = [...(await readFile(`${rules}alerts.yaml`, 'utf8')).matchAll(/- alert: (\w+)/g)].map(
    ([, name]) => name,
  );
  for (const name of names) {
    const own = cases
      .filter(({ alertname }) => alertname === name)
      .map(({ exp_alerts: expected = [] }) => expected.length);
    expect([name, own.some((count) => count > 0), own.includes(0)]).toEqual([name, true, true]);
  }
});
