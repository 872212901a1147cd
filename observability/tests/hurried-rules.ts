// The alerts with minutes made seconds, for tests that wait for them: promtool's tests (rules/alerts.test.yaml) have the true times.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout } from '../../platform/local/settings.ts';

/** What is hurried in an alert's text: how long it lasts, how far it looks back for a gap, and what age is too old. */
const hurries: [pattern: RegExp, hurried: string][] = [
  [/\bfor: (\d+)m$/gm, 'for: $1s'],
  [/\bfor: 1h$/gm, 'for: 10s'],
  [/(min_over_time\([^[]*)\[3m\]/g, '$1[10s]'],
  [/(outbox_oldest_seconds\)) > 300$/gm, '$1 > 10'],
];

/** Writes both files of rules into a folder that is made. @throws Error when there is nothing to hurry in that way any more. */
export async function writeHurriedRules(folder: string): Promise<void> {
  const rules = join(checkout, 'observability/rules');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'recording.yaml'), await readFile(join(rules, 'recording.yaml'), 'utf8'));
  let alerts = await readFile(join(rules, 'alerts.yaml'), 'utf8');
  for (const [pattern, hurried] of hurries) {
    const before = alerts;
    alerts = alerts.replace(pattern, hurried);
    if (alerts === before) throw new Error(`no alert has ${pattern}`);
  }
  await writeFile(join(folder, 'alerts.yaml'), alerts);
}
