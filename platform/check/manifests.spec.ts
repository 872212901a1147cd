// Every kustomization renders, and every object in it is one that the pinned versions know to the last field.
import { expect, test } from 'vitest';
import { kustomizations, render } from './kustomize.ts';
import type { Manifest } from './manifest.ts';
import { createValidate } from './validate.ts';

const validate = await createValidate();
// Components have objects only together with others; releases are elsewhere (argocd.spec.ts looks at which).
const inOthers = [
  'platform/deployed',
  'platform/argocd/health',
  'platform/argocd/operators',
  'platform/argocd/cert-manager',
  'platform/components/tracing-of-knative',
];
const folders = (await kustomizations()).filter((folder) => !inOthers.includes(folder));

test('there are overlays, settings of components, and what a restore needs', () => {
  const expected = [
    'platform/overlays/cluster',
    'platform/overlays/kind',
    'platform/overlays/light',
    'platform/base/components',
    'platform/base/backup/restore',
  ];
  expect(folders).toEqual(expect.arrayContaining(expected));
});

test.each(folders)('%s renders, and its objects are strictly valid', async (folder) => {
  const manifests = await render(folder);
  expect(manifests.length).toBeGreaterThan(0);
  expect(manifests.flatMap(validate)).toEqual([]);
});

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'one' },
  spec: {
    selector: { matchLabels: { app: 'one' } },
    template: { spec: { containers: [{ name: 'one', image: 'one:1' }] } },
  },
};
const trigger = {
  apiVersion: 'eventing.knative.dev/v1',
  kind: 'Trigger',
  metadata: { name: 'one' },
  spec: { broker: 'bank', subscriber: { ref: { kind: 'Service', name: 'one', apiVersion: 'serving.knative.dev/v1' } } },
};
const rabbitmq = {
  apiVersion: 'rabbitmq.com/v1beta1',
  kind: 'RabbitmqCluster',
  metadata: { name: 'one' },
  spec: { override: { statefulSet: { spec: { template: { spec: { containers: [{ name: 'rabbitmq' }] } } } } } },
};

test.each([
  ['a field that no version has', deployment, 'spec.replica', 3, 'spec: has no field replica'],
  ['a field at the wrong place', deployment, 'metadata.replicas', 3, 'metadata: has no field replicas'],
  ['a value of the wrong type', deployment, 'spec.replicas', 'three', 'spec.replicas: must be integer'],
  [
    'a container without a name',
    deployment,
    'spec.template.spec.containers.0.name',
    undefined,
    "must have required property 'name'",
  ],
  ['a misspelt field of a definition', trigger, 'spec.delivry', {}, 'spec: has no field delivry'],
  [
    'a misspelt field in an override',
    rabbitmq,
    'spec.override.statefulSet.spec.template.spec.container',
    [],
    'has no field container',
  ],
  ['a kind that nobody knows', trigger, 'kind', 'Triger', 'there is no schema'],
])('%s is refused', (_, valid, path, value, problem) => {
  expect(validate(valid as unknown as Manifest)).toEqual([]);
  expect(validate(changed(valid, path, value))).toEqual([expect.stringContaining(problem)]);
});

function changed(valid: object, path: string, value: unknown): Manifest {
  const copy = structuredClone(valid) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() as string;
  const parent = keys.reduce((at, key) => at[key] as Record<string, unknown>, copy);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return copy as Manifest;
}
