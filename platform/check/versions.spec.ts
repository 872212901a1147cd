// What is checked against is what is installed: schemas and pins name the same versions.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from './kustomize.ts';
import { definitions, kubernetes } from './schema-sources.ts';

const pins = await readPins();
const modules = Object.fromEntries(
  [kubernetes.module, ...definitions.map(({ module }) => module)].map(
    (module) => module.split('@v') as [string, string],
  ),
);

test.each([
  // Knative's modules count from 0.27, its releases from 1.0.
  ['knative.dev/serving', knativeModule(pins.SERVING_VERSION)],
  ['knative.dev/eventing', knativeModule(pins.EVENTING_VERSION)],
  ['github.com/cloudnative-pg/cloudnative-pg', pins.CLOUDNATIVE_PG_VERSION],
  ['github.com/cert-manager/cert-manager', pins.CERT_MANAGER_VERSION],
  ['github.com/argoproj/argo-cd/v3', pins.ARGOCD_VERSION],
])('the schemas of %s are of the version that is installed', (module, version) => {
  expect(modules[module]).toBe(version);
});

test('Kubernetes’ own schemas are of the release that the nodes run', () => {
  const [, node] = /:v(\d+\.\d+)\./.exec(pins.NODE_IMAGE ?? '') ?? [];
  expect(modules['k8s.io/kubernetes']).toMatch(new RegExp(`^${node ?? 'no version'}\\.`));
});

function knativeModule(release = ''): string {
  const [, minor = '', patch = ''] = release.split('.');
  return `0.${Number(minor) + 27}.${patch}`;
}

async function readPins(): Promise<Record<string, string | undefined>> {
  const text = await readFile(join(checkout, 'platform/kind/versions.env'), 'utf8');
  return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}
