// Network policies: nothing by default, and each flow allowed at both its ends.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { flowsOf, flowsPage, readPolicies } from './flows.ts';
import { withFlows } from './flows-page.ts';
import { ofKind, renderOverlays } from './overlays.ts';

const policies = await readPolicies();
const flows = flowsOf(policies);
const overlays = await renderOverlays();

test.each(overlays)('every namespace of ours in $name denies by default, both ways', (overlay) => {
  const denied = ofKind(overlay, 'networking.k8s.io/v1', 'NetworkPolicy')
    .filter(
      ({ spec }) => JSON.stringify(spec) === JSON.stringify({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
    )
    .map(({ metadata }) => metadata.namespace);
  expect(denied.sort()).toEqual(
    ofKind(overlay, 'v1', 'Namespace')
      .map(({ metadata }) => metadata.name)
      .sort(),
  );
});

test('every policy is applied, and says why', () => {
  const applied = overlays.map((overlay) => ofKind(overlay, 'networking.k8s.io/v1', 'NetworkPolicy').length);
  expect(applied).toEqual(overlays.map(() => policies.length));
  expect(policies.filter(({ reason }) => reason.length < 20).map(({ file }) => file)).toEqual([]);
  expect(flows.filter(({ why }) => why === '')).toEqual([]);
});

test('each flow between pods of the bank, and of what watches it, is allowed at both its ends', () => {
  const isOurs = (pods: string) => /^(microbank|monitoring):/.test(pods);
  const within = flows.filter(({ from, to }) => isOurs(from) && isOurs(to));
  const at = (end: 'from' | 'to'): string[] =>
    within
      .filter((flow) => flow.end === end)
      .map(({ from, to, port }) => `${from} → ${to} ${port}`)
      .sort();
  // The edge and Prometheus let anyone in, so they name nobody.
  const toAnyone = within
    .filter(({ to }) => /name=(edge|prometheus)$/.test(to))
    .map(({ from, to, port }) => `${from} → ${to} ${port}`);
  expect(at('from').filter((flow) => !toAnyone.includes(flow))).toEqual(at('to'));
});

test('a pod without a role is selected by default-deny alone', () => {
  const ofEverybody = policies.filter(({ spec }) => JSON.stringify(spec.podSelector) === '{}');
  expect([...new Set(ofEverybody.map(({ metadata }) => metadata.name))]).toEqual(['default-deny']);
});

test('functions reach no other function but through the gateway, and only those that ask', () => {
  const toFunctions = flows.filter(({ to, from }) => to.endsWith(': service') && from.startsWith('microbank:'));
  expect(toFunctions).toEqual([]);
  const toGateway = flows
    .filter(({ to, end }) => end === 'from' && to.startsWith('kourier-system:'))
    .map(({ from }) => from);
  expect(toGateway.sort()).toEqual([
    'microbank: asks-functions=true',
    'microbank: broker=bank, brokerRole=dispatcher/dispatcher-dlq',
    'microbank: name=edge',
  ]);
});

test('the table of platform/base/policies/README.md is that of the policies; else: npm run render', async () => {
  const page = await readFile(flowsPage, 'utf8');
  expect(await withFlows(page)).toBe(page);
});
