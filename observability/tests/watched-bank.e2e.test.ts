// `npm start -- --observe` with traffic: every panel of a bank shows data in a real Prometheus, troubles fire the alerts that name them, and who
// follows the runbook finds the trouble and ends it.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { findBank } from '../../platform/demo/find-bank.ts';
import { checkout } from '../../platform/local/settings.ts';
import { npmStart, signIn } from '../../platform/local/testing/npm-start.ts';
import { dashboards } from '../dashboards/all.ts';
import { slos } from '../dashboards/slos.ts';
import { documentedMetrics, exportedMetrics } from './documented-metrics.ts';
import { ask, firingAlerts, metricNames } from './prometheus.ts';
import { fillIn, statementsOf } from './runbook.ts';

const folder = await mkdtemp(join(tmpdir(), 'microbank-watched-'));
await chmod(folder, 0o711);
const dataFolder = join(folder, 'data');
afterAll(async () => rm(folder, { recursive: true, force: true }));

async function putTraffic(url: string, seconds: number): Promise<void> {
  const args = ['platform/traffic/traffic.ts', '--url', url, '--rate', '15', '--seconds', String(seconds)];
  // Ends with 1 when the books do not balance or requests failed, which is what some of this is about.
  await promisify(execFile)(process.execPath, args, {
    cwd: checkout,
    env: { PATH: process.env['PATH'] ?? '', MICROBANK_DATA: dataFolder },
  }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 1) throw error;
  });
}

/** Numbers are texts, as PostgreSQL’s bigint comes. */
type Row = Record<string, string>;

/** The rows of the last statement. */
async function inLedger(adminUrl: string, ...statements: string[]): Promise<Row[]> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  let rows: Row[] = [];
  for (const statement of statements) ({ rows } = await client.query<Row>(statement));
  await client.end();
  return rows;
}

/** As superuser, around every trigger. */
async function forge(adminUrl: string, statement: string): Promise<Row> {
  const [row] = await inLedger(adminUrl, 'SET session_replication_role = replica', statement);
  if (row === undefined) throw new Error(`nothing to forge: ${statement}`);
  return row;
}

/** A deposit of a million that no ledger has booked, to the function that would tell its customer. */
async function sendForgedEvent(folder: string, traceId: string): Promise<void> {
  const { inside } = JSON.parse(await readFile(join(folder, 'running.json'), 'utf8')) as { inside: string };
  const headers = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': 'forged',
    'ce-source': '/microbank/deposit',
    'ce-type': 'com.microbank.transaction.completed',
    traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
  };
  const body = JSON.stringify({ transaction_id: 1, type: 'deposit', amount: 1_000_000 });
  const { status } = await fetch(`${inside}/notify/`, { method: 'POST', headers, body });
  expect(status).toBe(500);
}

/** No metric named that nobody exports, none exported that nobody documents; by type and labels as well. */
async function isDocumented(address: string, prometheus: string): Promise<void> {
  const exported = exportedMetrics(await (await fetch(`${address}/metrics`)).text());
  const documented = (await documentedMetrics()).filter(({ comes }) => !comes.endsWith('of a copy on its own'));
  const shape = ({ name, type }: { name: string; type: string }) => `${name} ${type}`;
  expect(exported.map(shape).sort()).toEqual(documented.map(shape).sort());
  const seen = exported.filter(({ labels }) => labels !== undefined);
  const byName = new Map(documented.map((row) => [row.name, row]));
  expect(seen.map(({ name, labels }) => [name, labels])).toEqual(
    seen.map(({ name }) => [name, byName.get(name)?.labels]),
  );
  // What is shown since a moment ago has not been scraped yet.
  const notKept = async () => {
    const kept = await metricNames(prometheus);
    return seen.filter(({ name }) => !kept.has(name) && !kept.has(`${name}_count`));
  };
  await expect.poll(notKept, { timeout: 30_000, interval: 1_000 }).toEqual([]);
}

/** The queries of panels that a bank with traffic fills and that have no data; the labels of legends have to be there. */
async function emptyPanels(prometheus: string): Promise<string[]> {
  const empty: string[] = [];
  for (const { title, rows } of dashboards) {
    for (const panel of rows.flatMap((row) => row.panels)) {
      if (panel.source !== undefined && panel.source !== 'laptop') continue;
      for (const { expr, legend } of panel.queries) {
        const points = await ask(prometheus, expr);
        const isEmpty = points.length === 0 && panel.emptyMeans === undefined;
        if (isEmpty || (points.length > 0 && points.every(({ value }) => Number.isNaN(value))))
          empty.push(`${title} · ${panel.title}: ${expr}`);
        const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label as string);
        for (const { labels } of points)
          expect(Object.keys(labels), panel.title).toEqual(expect.arrayContaining(shown));
      }
    }
  }
  return empty;
}

/** A loaded machine is slow, and no test is about that. */
const ofTroubles = async (prometheus: string) =>
  [...(await firingAlerts(prometheus))].filter((alert) => !alert.startsWith('SlowRequests'));

const patience = { timeout: 90_000, interval: 2_000 };
const fires = (prometheus: string, alert: string) =>
  expect.poll(() => firingAlerts(prometheus), patience).toContain(alert);
const ends = (prometheus: string, alert: string) =>
  expect.poll(() => firingAlerts(prometheus), patience).not.toContain(alert);

/** The line of the log that has this trace. */
function loggedIn(output: string, traceId: string): Record<string, unknown> {
  const line = output.split('\n').find((text) => text.startsWith('{') && text.includes(traceId));
  if (line === undefined) throw new Error(`no line has the trace ${traceId}`);
  return JSON.parse(line) as Record<string, unknown>;
}

test('a bank with traffic fills every panel, and its troubles are told and ended', { timeout: 420_000 }, async () => {
  const { PROMETHEUS } = process.env;
  const bank = npmStart({ MICROBANK_DATA: dataFolder, ...(PROMETHEUS && { PROMETHEUS }) }, '--observe');
  const address = await bank.ready();
  const prometheus = /Prometheus on (http:\S+),/.exec(bank.output())?.[1] ?? '';
  await putTraffic(address, 35);

  // What came last has not been scraped yet.
  await expect.poll(() => emptyPanels(prometheus), { timeout: 20_000, interval: 2_000 }).toEqual([]);
  await isDocumented(address, prometheus);
  expect(await ofTroubles(prometheus)).toEqual([]);

  const traceOfForgery = randomBytes(16).toString('hex');
  await sendForgedEvent(dataFolder, traceOfForgery);
  await fires(prometheus, 'ForgedEvents');
  const refused = { msg: 'event refused', function: 'notify', code: 'signature_invalid', trace_id: traceOfForgery };
  expect(loggedIn(bank.output(), traceOfForgery)).toMatchObject(refused);

  const { databases } = await findBank({ dataFolder, databaseUrl: undefined });
  const { adminUrl } = databases.ledger;
  const entry = await forge(
    adminUrl,
    'UPDATE entry SET amount_minor = amount_minor + 1 WHERE (account_id, transaction_id) = (SELECT account_id, transaction_id FROM entry WHERE account_id > 0 ORDER BY transaction_id DESC LIMIT 1) RETURNING account_id, transaction_id, amount_minor - 1 AS booked_minor',
  );
  await fires(prometheus, 'BooksDoNotBalance');
  await fires(prometheus, 'BalanceIsNotItsEntries');
  await fires(prometheus, 'PromiseBroken');
  const [findTransaction = '', findBooked = '', giveBack = ''] = statementsOf('BooksDoNotBalance');
  const { transaction_id, account_id } = entry;
  expect(await inLedger(adminUrl, findTransaction)).toEqual([{ transaction_id, sum: '1' }]);
  const [booked = {}, ...others] = await inLedger(adminUrl, findBooked);
  expect([booked, others]).toEqual([expect.objectContaining(entry) as object, []]);
  const [countBroken = ''] = statementsOf('PromiseBroken');
  const broken = async () =>
    (await inLedger(adminUrl, countBroken)).filter(({ broken: count }) => count !== '0').map(({ promise }) => promise);
  expect(await broken()).toEqual(['transactions sum to zero', 'balances run on from entry to entry']);
  const [findBalance = '', takeSum = ''] = statementsOf('BalanceIsNotItsEntries');
  expect(await inLedger(adminUrl, findBalance)).toEqual([expect.objectContaining({ id: account_id }) as object]);
  await inLedger(adminUrl, fillIn(giveBack, booked));
  expect(await broken()).toEqual([]);
  for (const alert of ['BooksDoNotBalance', 'BalanceIsNotItsEntries', 'PromiseBroken']) await ends(prometheus, alert);

  const account = await forge(
    adminUrl,
    `UPDATE account SET balance_minor = balance_minor + 1 WHERE id = ${account_id} RETURNING id, balance_minor`,
  );
  await fires(prometheus, 'BalanceIsNotItsEntries');
  const [found = {}] = await inLedger(adminUrl, findBalance);
  expect(found).toMatchObject(account);
  await inLedger(adminUrl, fillIn(takeSum, found));
  await ends(prometheus, 'BalanceIsNotItsEntries');
  expect(await firingAlerts(prometheus)).not.toContain('BooksDoNotBalance');

  await inLedger(adminUrl, 'REVOKE SELECT ON account FROM microbank_ledger');
  const { access_token } = (await (await signIn(address, dataFolder)).json()) as { access_token: string };
  let traceOfFailure = '';
  for (let count = 0; count < 60; count++) {
    const answer = await fetch(`${address}/api/accounts`, { headers: { authorization: `Bearer ${access_token}` } });
    expect(answer.status).toBe(500);
    traceOfFailure = ((await answer.json()) as { trace_id: string }).trace_id;
  }
  // The hours of the slow one are what there is of them.
  for (const alert of ['FailuresBurnFast', 'FailuresBurnSlowly']) await fires(prometheus, alert);
  const panel = slos.rows.flatMap(({ panels }) => panels).find(({ title }) => title === 'Failed Requests by Function');
  const failing = await ask(prometheus, panel?.queries[0]?.expr ?? '', '5m');
  expect(failing.map(({ labels }) => labels)).toContainEqual({ function: 'read-accounts' });
  expect(loggedIn(bank.output(), traceOfFailure)).toMatchObject({
    msg: 'request failed',
    function: 'read-accounts',
    err: { message: expect.stringContaining('permission denied for table account') as string },
  });
});
