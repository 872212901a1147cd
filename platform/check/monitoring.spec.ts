// What watches the bank is given what it names: rules and a configuration that Prometheus reads, every dashboard, and who answers.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { dashboards } from '../../observability/dashboards/all.ts';
import { readPolicies } from './flows.ts';
import { podOf } from './manifest.ts';
import { find, ofKind, type Overlay, renderOverlays } from './overlays.ts';

const overlays = await renderOverlays();
const promtool = (...words: string[]) => promisify(execFile)('promtool', words);

/** The ConfigMap whose name kustomize has made of this one and its content. */
function dataOf(overlay: Overlay, name: string): Record<string, string> {
  const found = ofKind(overlay, 'v1', 'ConfigMap').filter(({ metadata }) =>
    new RegExp(`^${name}-[a-z0-9]{10}$`).test(metadata.name),
  );
  expect(found, name).toHaveLength(1);
  return found[0]?.data ?? {};
}

test.each(overlays)(
  'promtool reads what Prometheus of $name is given: its configuration and every rule',
  async (overlay) => {
    const folder = await mkdtemp(join(tmpdir(), 'microbank-prometheus-'));
    try {
      const rules = dataOf(overlay, 'prometheus-rules');
      expect(Object.keys(rules).sort()).toEqual(['alerts.yaml', 'recording.yaml']);
      for (const [name, text] of Object.entries(rules)) await writeFile(join(folder, name), text);
      const config = dataOf(overlay, 'prometheus')['prometheus.yml'] ?? '';
      const mounted = '/etc/prometheus-rules';
      expect(config).toContain(`${mounted}/*.yaml`);
      expect(mountsOf(overlay, 'prometheus')).toMatchObject({
        [mounted]: expect.stringMatching(/^prometheus-rules-/) as string,
      });
      await writeFile(join(folder, 'prometheus.yml'), withoutKubernetes(config.replace(mounted, folder)));
      const { stdout } = await promtool('check', 'config', join(folder, 'prometheus.yml'));
      for (const name of Object.keys(rules))
        expect(stdout).toMatch(new RegExp(`Checking .*${name}\\n  SUCCESS: \\d+ rules`));
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

/** Debian builds Prometheus without Kubernetes' discovery: promtool would not know these blocks. A cluster's Prometheus reads them. */
function withoutKubernetes(config: string): string {
  const parsed = parse(config) as { scrape_configs: Job[] };
  for (const job of parsed.scrape_configs) delete job.kubernetes_sd_configs;
  return stringify(parsed);
}

type Job = { job_name: string; kubernetes_sd_configs?: { namespaces: { names: string[] } }[] };
test.each(overlays)('Prometheus of $name looks for pods in no other namespace than its Role is for', (overlay) => {
  const { scrape_configs: jobs } = parse(dataOf(overlay, 'prometheus')['prometheus.yml'] ?? '') as {
    scrape_configs: Job[];
  };
  const looked = jobs.flatMap(({ kubernetes_sd_configs: found = [] }) =>
    found.flatMap(({ namespaces }) => namespaces.names),
  );
  expect(new Set(looked)).toEqual(new Set([find(overlay, 'Role', 'prometheus').metadata.namespace]));
});

test('Prometheus is let out to each port that its jobs ask', async () => {
  const policies = await readPolicies();
  const own = policies.find(({ metadata }) => metadata.name === 'prometheus' && metadata.namespace === 'monitoring');
  const ports = (own?.spec.egress ?? []).flatMap((rule) => rule.ports.map(({ port }) => port));
  // Functions, PostgreSQL, its pooler, RabbitMQ, Knative and the Broker, cert-manager; then names and the API server.
  expect([...new Set(ports)].sort((a, b) => a - b)).toEqual([53, 443, 6443, 8080, 9090, 9127, 9187, 9402, 15692]);
});

test.each(overlays)('Grafana of $name has every dashboard, and the Prometheus that they ask', (overlay) => {
  expect(Object.keys(dataOf(overlay, 'grafana-dashboards')).sort()).toEqual(
    dashboards.map(({ uid }) => `${uid}.json`).sort(),
  );
  const { 'datasources.yaml': sources = '', 'dashboards.yaml': providers = '' } = dataOf(
    overlay,
    'grafana-provisioning',
  );
  const { datasources } = parse(sources) as { datasources: { type: string; url: string }[] };
  const { spec, metadata } = find(overlay, 'Service', 'prometheus');
  const [{ port }] = (spec as { ports: [{ port: number }] }).ports;
  const url = `http://${metadata.name}.${metadata.namespace ?? ''}.svc.cluster.local:${port}`;
  expect(datasources).toMatchObject([{ type: 'prometheus', url }]);
  expect(find(overlay, 'ConfigMap', 'monitoring').data).toEqual({ PROMETHEUS_URL: url });
  const [{ options }] = (parse(providers) as { providers: [{ options: { path: string } }] }).providers;
  expect(mountsOf(overlay, 'grafana')).toMatchObject({
    [options.path]: expect.stringMatching(/^grafana-dashboards-/) as string,
  });
  const home = podOf(find(overlay, 'Deployment', 'grafana'))?.spec.containers[0]?.env?.find(({ name }) =>
    name.endsWith('HOME_DASHBOARD_PATH'),
  );
  expect(dashboards.map(({ uid }) => `${options.path}/${uid}.json`)).toContain(home?.value);
});

test.each(overlays)('PostgreSQL of $name is asked for the business numbers, by the primary alone', (overlay) => {
  type Monitored = { monitoring: { customQueriesConfigMap: { name: string; key: string }[] } };
  const { monitoring } = find(overlay, 'Cluster', 'bank').spec as unknown as Monitored;
  const texts = monitoring.customQueriesConfigMap.map(({ name, key }) => {
    const { metadata, data } = find(overlay, 'ConfigMap', name);
    expect(metadata.labels).toMatchObject({ 'cnpg.io/reload': 'true' });
    return data?.[key] ?? '';
  });
  const queries = texts.flatMap((text) => Object.entries(parse(text) as Record<string, { primary?: boolean }>));
  expect(queries.map(([name]) => name)).toEqual(expect.arrayContaining(['business_books', 'microbank_books']));
  expect(queries.filter(([, { primary }]) => primary !== true)).toEqual([]);
});

test.each(overlays)(
  'every ConfigMap of $name is short enough for kubectl apply, which notes it beside itself',
  ({ manifests }) => {
    const annotationBytesMax = 256 * 1024;
    const long = manifests.filter(
      (manifest) => manifest.kind === 'ConfigMap' && JSON.stringify(manifest).length > annotationBytesMax,
    );
    expect(long.map(({ metadata }) => metadata.name)).toEqual([]);
  },
);

/** The name of the ConfigMap that is mounted at each path; undefined for other volumes. */
function mountsOf(overlay: Overlay, deployment: string): Record<string, string | undefined> {
  const { containers, volumes } = podOf(find(overlay, 'Deployment', deployment))?.spec as unknown as {
    containers: { volumeMounts: { name: string; mountPath: string }[] }[];
    volumes: { name: string; configMap?: { name: string } }[];
  };
  return Object.fromEntries(
    containers.flatMap(({ volumeMounts }) =>
      volumeMounts.map(({ name, mountPath }) => [
        mountPath,
        volumes.find((volume) => volume.name === name)?.configMap?.name,
      ]),
    ),
  );
}
