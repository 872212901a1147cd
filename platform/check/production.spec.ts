// What production's charts are told: values that are YAML and name their chart as the page does, monitors that find the bank's pods, the rules as
// they are, and no password.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkout, render } from './kustomize.ts';
import type { Manifest } from './manifest.ts';

const folder = join(checkout, 'observability/production');
const values = (await readdir(folder)).filter((name) => name.endsWith('.values.yaml'));
const monitors = await render('observability/production/monitors');
const page = await readFile(join(folder, 'README.md'), 'utf8');

test.each(values)(
  '%s names its chart and its exact version, as the page installs it, and has no password',
  async (name) => {
    const text = await readFile(join(folder, name), 'utf8');
    expect(Object.keys(parse(text) as object).length).toBeGreaterThan(0);
    const [, chart = '', version = ''] = /^# Chart (\S+) (\d+\.\d+\.\d+):/.exec(text) ?? [];
    expect(page).toMatch(new RegExp(`helm upgrade --install \\S+ ${chart} --version ${version} -n \\w+ -f ${name}`));
    expect(page).toContain(`${chart} ${version}`);
    for (const [, secret] of text.matchAll(/(?:password|secretAccessKey|accessKeyId): *(\S+)/gi))
      expect(secret, 'only by a variable or a Secret').toMatch(/^'\$\{\w+\}',?$/);
  },
);

test('promtool reads the rules that the operator is given, and they are all there are', async () => {
  const { spec } = monitors.find(({ kind }) => kind === 'PrometheusRule') as Manifest;
  const { groups } = spec as { groups: { name: string; rules: object[] }[] };
  expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length);
  const all = await Promise.all(
    ['recording', 'alerts'].map((name) => readFile(join(checkout, `observability/rules/${name}.yaml`), 'utf8')),
  );
  const rules = all
    .flatMap((text) => (parse(text) as { groups: { rules: object[] }[] }).groups)
    .flatMap((group) => group.rules);
  expect(groups.flatMap((group) => group.rules)).toEqual(rules);
  const temporary = await mkdtemp(join(tmpdir(), 'microbank-rules-'));
  try {
    await writeFile(join(temporary, 'rules.yaml'), stringify({ groups }));
    const { stdout } = await promisify(execFile)('promtool', ['check', 'rules', join(temporary, 'rules.yaml')]);
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
  } finally {
    await rm(temporary, { recursive: true });
  }
});

type Monitor = Manifest & { spec: { namespaceSelector?: { matchNames: string[] } } };
test('there is a monitor for each part of the bank and of what it stands on', () => {
  const found = monitors.filter(({ kind }) => /Monitor$|^Probe$/.test(kind)) as Monitor[];
  expect(found.map(({ metadata }) => metadata.name).sort()).toEqual([
    ...['broker', 'cert-manager', 'edge', 'functions', 'knative-eventing', 'knative-serving'],
    ...['kourier', 'pooler', 'postgres', 'rabbitmq'],
  ]);
  const namespaces = found.flatMap(({ spec }) => spec.namespaceSelector?.matchNames ?? []);
  expect([...new Set(namespaces)].sort()).toEqual([
    ...['cert-manager', 'knative-eventing', 'knative-serving', 'kourier-system', 'microbank'],
  ]);
});
