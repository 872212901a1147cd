// Every function folder is deployed, reached and limited; nothing is given more than its contract says.
import { expect, test } from 'vitest';
import type { DatabaseName } from '../../functions/shared/contract/function.ts';
import { databaseRoles, roleName } from '../../functions/shared/database/roles.ts';
import { speakers } from '../../eventing/signing/speakers.ts';
import { connectionsOf } from '../functions/connections.ts';
import { deployments } from '../functions/deployments.ts';
import { asks, sendsEvents } from '../functions/environment.ts';
import { longestStreamSeconds } from '../functions/settings.ts';
import { flowsOf } from '../functions/service.ts';
import { readDatabaseSecrets } from './database-secrets.ts';
import { isService, type Manifest, podOf } from './manifest.ts';
import { containersOf } from './pods.ts';
import { find, renderOverlays } from './overlays.ts';

const all = await deployments();
const overlays = await renderOverlays();
const databaseSecrets = await readDatabaseSecrets();
const pooledSecrets = databaseSecrets.filter(({ host }) => host === 'bank-pooler');
const otherSecrets = [
  ...['signing-key', 'edge-secret', 'first-teller', 'edge-tls', 'platform-proof', 'grafana-admin'],
  ...speakers.map((speaker) => `event-key-${speaker}`),
];

test.each(overlays)('every function folder has its Service in $name, and no Service is left over', ({ manifests }) => {
  const services = manifests.filter(isService).map(({ metadata }) => metadata.name);
  expect(services.sort()).toEqual(all.map(({ name }) => name));
});

test.each(overlays)('every route of every function has its way through the edge of $name', (overlay) => {
  const edge = overlay.manifests.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('edge-config'),
  );
  const lines = (edge?.data?.['routes.conf'] ?? '').split('\n').map((line) => line.trim());
  for (const { name, contract } of all) {
    // The keys are a file at the edge itself.
    for (const route of Object.keys(contract.routes).filter((key) => !key.endsWith('jwks.json'))) {
      const [method = '', path = ''] = route.split(' ');
      expect(lines).toContain(`"${method} /api${path}" ${name};`);
    }
  }
});

test.each(overlays)('no function of $name is published: the edge is the only way in', ({ manifests }) => {
  const published = manifests
    .filter(isService)
    .filter(({ metadata }) => metadata.labels?.['networking.knative.dev/visibility'] !== 'cluster-local');
  expect(published.map(({ metadata }) => metadata.name)).toEqual([]);
});

test.each(overlays)('a function of $name knows the Secret of its own database and role only', (overlay) => {
  for (const deployment of all) {
    const { name, contract, database } = deployment;
    const { databaseRole = 'writer' } = contract;
    const role = database === undefined ? undefined : roleName(database, databaseRole);
    const its = databaseSecrets.filter((made) => made.role === role && made.database === database);
    const expected = new Set(its.map(({ secret }) => secret));
    expect(expected.size, name).toBe(database === undefined ? 0 : 1);
    if (contract.name === 'sign-in') expected.add('signing-key');
    if (Object.keys(contract.routes).length > 0) expected.add('edge-secret');
    // It signs with its own key, or its context's, and with no other's.
    const speaker = speakers.find((one) => one === name) ?? database;
    if (sendsEvents(deployment) || asks(deployment)) expected.add(`event-key-${speaker}`);
    if (name === 'dead-letter' || contract.name === 'relay') expected.add('platform-proof');
    expect(secretsOf(find(overlay, 'Service', name)), name).toEqual(expected);
  }
});

test('every role of every database has its Secret, through the pooler', () => {
  const roles = Object.entries(databaseRoles).flatMap(([database, names]) =>
    names.map((name) => `${roleName(database as DatabaseName, name)} ${database}`),
  );
  expect(pooledSecrets.map(({ role, database }) => `${role} ${database}`)).toEqual(roles);
});

test.each(overlays)('every Secret that $name names is made by up.sh', ({ manifests }) => {
  const named = new Set(manifests.flatMap((manifest) => [...secretsOf(manifest)]));
  const made = [...databaseSecrets.map(({ secret }) => secret), ...otherSecrets];
  expect([...named].filter((name) => !made.includes(name))).toEqual([]);
});

test.each(overlays)('roles, databases and Secrets of $name agree', (overlay) => {
  type Roles = { managed: { roles: { name: string; inRoles?: string[]; passwordSecret: { name: string } }[] } };
  const { managed } = find(overlay, 'Cluster', 'bank').spec as unknown as Roles;
  const roles = managed.roles.map(({ name, passwordSecret }) => `${passwordSecret.name} ${name}`);
  expect(roles.sort()).toEqual(databaseSecrets.map(({ secret, role }) => `${secret} ${role}`).sort());
  for (const { database, role } of databaseSecrets.filter(({ secret }) => secret.startsWith('migrate-'))) {
    expect(find(overlay, 'Database', database).spec).toMatchObject({ name: database, owner: role });
    // Or its migrations could not give them their time-outs.
    const memberOf = pooledSecrets.filter((pooled) => pooled.database === database).map((pooled) => pooled.role);
    expect(managed.roles.find(({ name }) => name === role)?.inRoles).toEqual(memberOf);
  }
});

test.each(overlays)('the functions of $name have the labels by which policies let them out', (overlay) => {
  for (const deployment of all) {
    const pod = podOf(find(overlay, 'Service', deployment.name));
    expect(pod?.metadata?.labels, deployment.name).toEqual(flowsOf(deployment));
  }
});

test.each(overlays)(
  'every function of $name has at least a minute to end, streams end before their time-out',
  (overlay) => {
    const short = overlay.manifests.filter(
      (manifest) => isService(manifest) && (podOf(manifest)?.spec.timeoutSeconds ?? 0) < 60,
    );
    expect(short).toEqual([]);
    expect(podOf(find(overlay, 'Service', 'read-notifications'))?.spec).toMatchObject({ containerConcurrency: 0 });
    expect(podOf(find(overlay, 'Service', 'read-notifications'))?.spec.timeoutSeconds).toBeGreaterThan(
      longestStreamSeconds + 20,
    );
  },
);

test.each(overlays)(
  'all functions at their largest, twice for a rollout, fit into the pooler and PostgreSQL of $name',
  (overlay) => {
    const { pooled, listening } = connectionsOf(all);
    const { parameters } = (find(overlay, 'Pooler', 'bank-pooler').spec as { pgbouncer: { parameters: Numbers } })
      .pgbouncer;
    const { parameters: server } = (find(overlay, 'Cluster', 'bank').spec as { postgresql: { parameters: Numbers } })
      .postgresql;
    const clients = pooled.users + pooled.ledger + pooled.notifications;
    expect(clients).toBeLessThanOrEqual(Number(parameters.max_client_conn));

    // A pool for each role, and one by which the pooler looks passwords up.
    const poolerOpens = (pooledSecrets.length + 1) * Number(parameters.default_pool_size);
    expect(parameters.reserve_pool_size, 'is not counted here').toBeUndefined();
    const migrationsAndCopies = 7;
    const operator = 10;
    const superuser = 3;
    expect(poolerOpens + listening + migrationsAndCopies + operator + superuser).toBeLessThanOrEqual(
      Number(server.max_connections),
    );
  },
);
type Numbers = Record<string, string>;

function secretsOf(manifest: Manifest): Set<string> {
  const named = containersOf(manifest).flatMap(({ env = [] }) =>
    env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
  );
  return new Set(named.filter((name) => name !== undefined));
}
