// Dashboards as files: what Grafana is given is what is written here, every panel can be read, and every metric is one that somebody exports.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { businessMetrics, metricName } from '../business/business-numbers.ts';
import { dashboards } from '../dashboards/all.ts';
import { renderedFiles } from '../dashboards/rendered-files.ts';
import { metricsIn } from './prometheus.ts';

const panels = dashboards.flatMap(({ title, rows }) =>
  rows.flatMap((row) => row.panels.map((panel) => ({ ...panel, name: `${title} · ${panel.title}` }))),
);
const checkout = new URL('../../', import.meta.url);

test.each([...(await renderedFiles())])('%s is what npm run render writes', async (path, text) => {
  expect(await readFile(new URL(path, checkout), 'utf8')).toBe(text);
});

test.each(panels)('$name can be read', ({ description, unit, queries, kind, redFrom, greenFrom }) => {
  expect(description).toMatch(/^[A-Z0-9].{20,}/);
  expect(unit).not.toBe('');
  expect(queries.length).toBeGreaterThan(0);
  for (const { expr, legend } of queries) {
    // Every label that a legend shows is one that the query keeps.
    for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g)) expect(expr).toContain(label);
    // Windows of rates follow the dashboard's time range; those of an hour or a day are part of what the panel says.
    expect(expr).not.toMatch(/rate\([^)]*\[\d+s\]/);
  }
  if (kind === 'gauge') expect([redFrom, greenFrom].some((limit) => limit !== undefined)).toBe(true);
});

test('titles are unique within a dashboard, and identifiers among all', () => {
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
  expect(new Set(panels.map(({ name }) => name)).size).toBe(panels.length);
});

test('the first three have the panels of the original', () => {
  const titles = dashboards.slice(0, 3).map(({ rows }) => rows.flatMap((row) => row.panels.map(({ title }) => title)));
  expect(titles[0]).toEqual([
    'Request Rate (req/sec)',
    'Average Response Time',
    'Total Requests',
    'Requests by Service',
    'Requests by Status Code',
    'Requests by Handler',
  ]);
  expect(titles[1]).toEqual(
    expect.arrayContaining([
      'Transaction Rate (per minute)',
      'User & Account Creation Rate',
      'Total Transactions (Today)',
      'Total Users Created (Today)',
      'Notifications Sent (Today)',
      'Error Rate by Service',
      'Success Rate (%)',
    ]),
  );
  expect(titles[2]).toEqual(
    expect.arrayContaining(['Memory Usage by Service', 'CPU Usage by Service', 'Open File Descriptors']),
  );
});

type Rules = { groups: { name: string; rules: { alert?: string; record?: string; expr: string }[] }[] };
const rulesOf = async (name: string) =>
  (parse(await readFile(new URL(`../rules/${name}.yaml`, import.meta.url), 'utf8')) as Rules).groups.flatMap(
    ({ rules }) => rules,
  );

test('README.md names every metric that a dashboard, a rule or an alert asks for', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const recorded = (await rulesOf('recording')).map(({ record }) => record);
  const asked = [
    ...panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
    ...(await rulesOf('recording')).map(({ expr }) => expr),
    ...(await rulesOf('alerts')).map(({ expr }) => expr),
  ];
  const own = businessMetrics.flatMap(({ view, values }) =>
    Object.keys(values).map((column) => metricName(view, column)),
  );
  const names = new Set(
    asked.flatMap(metricsIn).map((name) => (own.includes(name) ? name : name.replace(/_(bucket|sum|count)$/, ''))),
  );
  const unknown = [...names].filter((name) => !recorded.includes(name) && !own.includes(name));
  expect(unknown.filter((name) => !readme.includes(`\`${name}\``) && !readme.includes(`\`${name}_`))).toEqual([]);
});

test('every alert says how bad it is and has a paragraph in the runbook', async () => {
  const runbook = await readFile(new URL('../runbook.md', import.meta.url), 'utf8');
  for (const rule of await rulesOf('alerts')) {
    expect(rule).toMatchObject({ labels: { severity: expect.stringMatching(/^(page|ticket)$/) as string } });
    expect(runbook).toContain(`\n## ${rule.alert}\n`);
  }
});
