// What a real Prometheus has scraped from real functions, as tellers are shown it.
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../shared/serving/listen.ts';
import { givenIssuer, startBank, startFunctionProcess } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { FunctionStats } from './contract.ts';
import { startPrometheus } from './testing/prometheus-server.ts';

/** As Knative's autoscaler shows it. */
function podsCount(rows: readonly (readonly [namespace: string, service: string, revision: number, pods: number])[]) {
  const lines = rows.map(
    ([namespace, service, revision, pods]) =>
      `kn_revision_pods_count{k8s_namespace_name="${namespace}",kn_service_name="${service}",` +
      `kn_configuration_name="${service}",kn_revision_name="${service}-0000${revision}"} ${pods}`,
  );
  return `# TYPE kn_revision_pods_count gauge\n${lines.join('\n')}\n`;
}

async function givenPage(text: string): Promise<string> {
  const server = await listen((_request, response) => response.setHeader('content-type', 'text/plain').end(text), {
    port: 0,
    host: '127.0.0.1',
  });
  onTestFinished(server.stop);
  return server.url;
}

type Parts = { prometheusUrl: string; issuer?: Awaited<ReturnType<typeof givenIssuer>>; now?: () => Date };

async function givenOperations({ prometheusUrl, ...parts }: Parts) {
  const bank = await startBank({ functions: ['operations'], config: { prometheusUrl }, ...parts });
  const token = await bank.tokenFor({ userId: 1, role: 'teller' });
  return async () => (await bank.request<FunctionStats>('GET', '/operations/functions', { token })).body;
}

/** By Prometheus' own histogram_quantile. */
async function quantileOf(prometheusUrl: string, share: number, name: string): Promise<number> {
  const buckets = `microbank_function_request_duration_seconds_bucket{function="${name}"}`;
  const query = new URLSearchParams({ query: `histogram_quantile(${share}, last_over_time(${buckets}[1h]))` });
  const { data } = (await (await fetch(`${prometheusUrl}/api/v1/query?${String(query)}`)).json()) as {
    data: { result: { value: [number, string] }[] };
  };
  return Number(data.result[0]?.value[1]) * 1_000;
}

test('shows what was sent to processes of their own, their cold starts, and the copies that Knative runs', async () => {
  const issuer = await givenIssuer();
  const { users } = await givenDatabases();
  const [readUsers, readAccounts] = await Promise.all([
    startFunctionProcess('read-users', { DATABASE_URL: users.url }, { issuer }),
    startFunctionProcess('read-accounts', { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere' }, { issuer }),
  ]);
  const knative = await givenPage(
    podsCount([
      ['bank', 'operations', 1, 1],
      ['bank', 'read-users', 1, 1],
      ['bank', 'read-users', 2, 2],
      ['bank', 'deposit', 1, 0],
      ['bank', 'relay-users', 1, 1],
      ['bank', 'relay-ledger', 1, 1],
      ['elsewhere', 'read-users', 1, 9],
      ['elsewhere', 'blog', 1, 9],
    ]),
  );
  const token = await issuer.tokenFor({ userId: 1, role: 'teller' });
  for (let i = 0; i < 5; i++) expect((await readUsers.request('GET', '/users', { token })).status).toBe(200);
  const prometheusUrl = await startPrometheus({ targets: [readUsers.url, readAccounts.url, knative] });
  for (let i = 0; i < 3; i++) expect((await readUsers.request('GET', '/users/99', { token })).status).toBe(404);
  const failing = await Promise.all([1, 2].map(() => readAccounts.request('GET', '/accounts', { token })));
  expect(failing.map(({ status }) => status)).toEqual([503, 503]);

  const show = await givenOperations({ prometheusUrl, issuer });
  const latency = expect.any(Number) as number;
  const none = { requests: 0, refusals: 0, errors: 0, p50_ms: null, p95_ms: null, cold_starts: 0 };
  const some = { p50_ms: latency, p95_ms: latency, cold_starts: 1 };
  const functions = [
    { name: 'deposit', copies: 0, ...none },
    { name: 'operations', copies: 1, ...none },
    { name: 'read-accounts', requests: 2, refusals: 0, errors: 2, copies: null, ...some },
    { name: 'read-users', requests: 8, refusals: 3, errors: 0, copies: 3, ...some },
    { name: 'relay', copies: 2, ...none },
  ];
  await expect.poll(async () => (await show()).functions, { timeout: 15_000, interval: 200 }).toEqual(functions);

  const shown = await show();
  expect([shown.source, shown.window_seconds, shown.series.length]).toEqual(['prometheus', 3600, 120]);
  expect(shown.series.reduce((sum, { requests }) => sum + requests, 0)).toBe(10);
  expect(shown.series.reduce((sum, { errors }) => sum + errors, 0)).toBe(2);
  for (const name of ['read-users', 'read-accounts']) {
    const { p50_ms, p95_ms } = shown.functions.find((fn) => fn.name === name) ?? {};
    expect(p50_ms).toBeCloseTo(await quantileOf(prometheusUrl, 0.5, name), 1);
    expect(p95_ms).toBeCloseTo(await quantileOf(prometheusUrl, 0.95, name), 1);
  }

  // Knative takes a copy away when nobody asks any more; what it did stays.
  await readUsers.kill('SIGKILL');
  const up = async () => (await fetch(`${prometheusUrl}/api/v1/query?query=sum(up)`)).text();
  await expect.poll(up, { timeout: 15_000, interval: 200 }).toContain('"2"');
  expect((await show()).functions).toEqual(functions);
}, 60_000);

test('counts the last hour of an old copy, all of a new one, and nothing twice when Prometheus paused', async () => {
  const minute = Math.floor(Date.now() / 60_000) * 60 - 60;
  const from = (first: number, last: number): number[] => Array.from({ length: first - last + 1 }, (_, i) => first - i); // Minutes ago.
  const rows: [name: string, minutesAgo: number[], valueAt: (minutesAgo: number) => number][] = [
    ['deposit', from(120, 0), (ago) => 5_000 - 10 * ago],
    ['transfer', from(20, 0), (ago) => 27 - ago],
    ['withdraw', [...from(120, 70), ...from(50, 0)], (ago) => 1_000 - 2 * ago],
    ['sign-in', from(120, 61), (ago) => 900 - ago],
    // Another process at the same address counts from 0 again.
    ['notify', from(120, 0), (ago) => (ago > 10 ? 2_000 - ago : 31 - 3 * ago)],
  ];
  const samples = rows.flatMap(([name, minutes, valueAt]) =>
    minutes.map(
      (ago) =>
        `microbank_function_requests_total{function="${name}",outcome="answered"} ${valueAt(ago)} ${minute + 5 - 60 * ago}`,
    ),
  );
  const history = `# TYPE microbank_function_requests counter\n${samples.join('\n')}\n# EOF\n`;
  const prometheusUrl = await startPrometheus({ history });
  const { functions, series } = await (
    await givenOperations({ prometheusUrl, now: () => new Date((minute + 6) * 1_000) })
  )();
  expect(Object.fromEntries(functions.map(({ name, requests }) => [name, requests]))).toEqual({
    deposit: 600,
    notify: 31,
    transfer: 27,
    withdraw: 140,
  });
  // Nobody knows of a cold start: these counted none.
  expect(functions.every(({ copies, cold_starts }) => copies === null && cold_starts === null)).toBe(true);
  // Scraped once a minute, every other step has nothing new; the last one has what came since the minute before.
  expect(series.slice(-4).map(({ requests }) => requests)).toEqual([0, 16, 0, 16]);
}, 60_000);
