// Rules for every pod that we deploy, and for what operators deploy for us.
import { describe, expect, test } from 'vitest';
import type { Manifest } from './manifest.ts';
import { render } from './kustomize.ts';
import { find, ofKind, type Overlay, renderOverlays } from './overlays.ts';
import { imagesPinned, resourcesSet, restricted, type Rule, withoutToken } from './pods.ts';

const restore: Overlay = {
  name: 'platform/base/backup/restore',
  manifests: await render('platform/base/backup/restore'),
};
const overlays = await renderOverlays();
/** Deployments with a token, by which they look at the bank's objects. */
const watchers = ['kube-state-metrics', 'prometheus'];

test.each(overlays)('every pod of $name is restricted, and its root is read-only', ({ manifests }) => {
  expect(manifests.flatMap(restricted)).toEqual([]);
});

test.each(overlays)('no pod of $name is given a token of the API server, but what asks it for pods', (overlay) => {
  expect(overlay.manifests.flatMap(withoutToken)).toEqual(watchers.map((name) => `Deployment ${name} mounts a token`));
  expect(find(overlay, 'ServiceAccount', 'default')).toMatchObject({ automountServiceAccountToken: false });
});

test.each(overlays)('what watches $name may look at objects of the bank, change none and read no secret', (overlay) => {
  const roles = ofKind(overlay, 'rbac.authorization.k8s.io/v1', 'Role');
  expect(roles.map(({ metadata: { name, namespace } }) => `${namespace ?? ''}/${name}`)).toEqual(
    watchers.map((name) => `microbank/${name}`),
  );
  const rules = roles.flatMap((role) => role.rules ?? []);
  expect(rules.flatMap(({ verbs }) => verbs).filter((verb) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
  const read = rules.flatMap(({ resources }) => resources);
  expect(read.filter((resource) => resource === '*' || /^(secrets|configmaps)/.test(resource))).toEqual([]);
  const bound = ofKind(overlay, 'rbac.authorization.k8s.io/v1', 'RoleBinding').flatMap(({ subjects = [] }) => subjects);
  expect(bound.map(({ kind, name, namespace }) => `${kind} ${namespace ?? ''}/${name}`)).toEqual(
    watchers.map((name) => `ServiceAccount monitoring/${name}`),
  );
  expect(overlay.manifests.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
});

test.each(overlays)(
  'every container of $name asks for CPU and memory, and has a limit of memory only',
  ({ manifests }) => {
    expect(manifests.flatMap(resourcesSet)).toEqual([]);
  },
);

test.each(overlays)('every image of $name has a tag, and none is latest', ({ manifests }) => {
  expect(manifests.flatMap(imagesPinned)).toEqual([]);
});

test('the Job that restores is as restricted as the others', () => {
  for (const rule of [restricted, withoutToken, resourcesSet]) expect(restore.manifests.flatMap(rule)).toEqual([]);
});

test.each(overlays)(
  'PostgreSQL and RabbitMQ of $name get as much memory as they ask for, and keep their data',
  (overlay) => {
    const { spec: postgres } = find(overlay, 'Cluster', 'bank') as unknown as { spec: Stored };
    const { spec: rabbitmq } = find(overlay, 'RabbitmqCluster', 'bank') as unknown as { spec: Stored };
    for (const { resources } of [postgres, rabbitmq]) {
      expect(resources.requests.memory).toBe(resources.limits.memory);
      expect(resources.requests.cpu).toMatch(/^\d+m$/);
      expect(resources.limits.cpu).toBeUndefined();
    }
    expect(postgres.storage?.size).toMatch(/Gi$/);
    expect(rabbitmq.persistence?.storage).toMatch(/Gi$/);
  },
);
type Amounts = Record<string, string>;
type Stored = {
  resources: { requests: Amounts; limits: Amounts };
  storage?: { size: string };
  persistence?: { storage: string };
};

describe('the rules see', () => {
  const good: Manifest = overlays
    .flatMap(({ manifests }) => manifests)
    .find(({ kind }) => kind === 'Deployment') as Manifest;

  test.each<[string, Rule, string, unknown, string]>([
    ['a root user', restricted, '/template/spec/securityContext/runAsUser', 0, 'may run as root'],
    [
      'a writable root',
      restricted,
      '/template/spec/containers/0/securityContext/readOnlyRootFilesystem',
      false,
      'may write',
    ],
    [
      'kept capabilities',
      restricted,
      '/template/spec/containers/0/securityContext/capabilities/drop',
      ['KILL'],
      'keeps',
    ],
    ['a folder of the node', restricted, '/template/spec/volumes', [{ name: 'node', hostPath: {} }], 'has volume node'],
    ['a token', withoutToken, '/template/spec/automountServiceAccountToken', true, 'mounts a token'],
    ['no request', resourcesSet, '/template/spec/containers/0/resources/requests', {}, 'asks for no cpu'],
    ['a limit of CPU', resourcesSet, '/template/spec/containers/0/resources/limits/cpu', '1', 'has a limit of CPU'],
    ['an image without a tag', imagesPinned, '/template/spec/containers/0/image', 'localhost:5000/edge', 'names image'],
    ['the tag latest', imagesPinned, '/template/spec/containers/0/image', 'edge:latest', 'names image'],
  ])('%s', (_, rule, path, value, problem) => {
    expect(rule(good)).toEqual([]);
    const bad = structuredClone(good);
    const keys = path.slice(1).split('/');
    const last = keys.pop() as string;
    const parent = keys.reduce((at, key) => at[key] as Record<string, unknown>, bad.spec as Record<string, unknown>);
    parent[last] = value;
    expect(rule(bad).join()).toContain(problem);
  });
});
