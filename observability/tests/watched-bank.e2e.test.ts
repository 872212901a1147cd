// `npm start -- --observe` with traffic: every panel of a bank shows data in a real Prometheus, and troubles fire the alerts that name them.
import { execFile } from 'node:child_process';
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
import { documentedMetrics, exportedMetrics } from './documented-metrics.ts';
import { ask, firingAlerts, metricNames } from './prometheus.ts';

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

/** The rows of the last statement. */
async function inLedger(adminUrl: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  let rows: Record<string, unknown>[] = [];
  for (const statement of statements) ({ rows } = await client.query<Record<string, unknown>>(statement));
  await client.end();
  return rows;
}

/** Asks what the runbook's paragraph on this alert says. */
async function foundBy(alert: string, adminUrl: string): Promise<Record<string, unknown>[]> {
  const runbook = await readFile(new URL('../runbook.md', import.meta.url), 'utf8');
  const paragraph = runbook.split('\n## ').find((text) => text.startsWith(`${alert}\n`)) ?? '';
  const [, statement = ''] = /`(SELECT [^`]+)`/.exec(paragraph) ?? [];
  return inLedger(adminUrl, statement);
}

/** A deposit of a million that no ledger has booked, to the function that would tell its customer. */
async function sendForgedEvent(folder: string): Promise<void> {
  const { inside } = JSON.parse(await readFile(join(folder, 'running.json'), 'utf8')) as { inside: string };
  const headers = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': 'forged',
    'ce-source': '/microbank/deposit',
    'ce-type': 'com.microbank.transaction.completed',
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

const fires = (prometheus: string, alert: string) =>
  expect.poll(() => firingAlerts(prometheus), { timeout: 90_000, interval: 2_000 }).toContain(alert);

test('a bank with traffic fills every panel, and its troubles are told', { timeout: 300_000 }, async () => {
  const { PROMETHEUS } = process.env;
  const bank = npmStart({ MICROBANK_DATA: dataFolder, ...(PROMETHEUS && { PROMETHEUS }) }, '--observe');
  const address = await bank.ready();
  const prometheus = /Prometheus on (http:\S+),/.exec(bank.output())?.[1] ?? '';
  await putTraffic(address, 35);

  // What came last has not been scraped yet.
  await expect.poll(() => emptyPanels(prometheus), { timeout: 20_000, interval: 2_000 }).toEqual([]);
  await isDocumented(address, prometheus);
  expect(await firingAlerts(prometheus)).toEqual(new Set());

  await sendForgedEvent(dataFolder);
  await fires(prometheus, 'ForgedEvents');

  const { databases } = await findBank({ dataFolder, databaseUrl: undefined });
  const { adminUrl } = databases.ledger;
  // Around every trigger, as only a superuser can.
  const [entry] = await inLedger(
    adminUrl,
    'SET session_replication_role = replica',
    'UPDATE entry SET amount_minor = amount_minor + 1 WHERE (account_id, transaction_id) = (SELECT account_id, transaction_id FROM entry WHERE account_id > 0 LIMIT 1) RETURNING account_id, transaction_id',
  );
  const forged: Record<string, object> = {
    BooksDoNotBalance: { transaction_id: entry?.['transaction_id'], sum: '1' },
    BalanceIsNotItsEntries: { id: entry?.['account_id'] },
  };
  await fires(prometheus, 'BooksDoNotBalance');
  await fires(prometheus, 'BalanceIsNotItsEntries');
  await fires(prometheus, 'PromiseBroken');
  // What the runbook tells to ask finds the transaction and the account.
  for (const alert of ['BooksDoNotBalance', 'BalanceIsNotItsEntries'])
    expect(await foundBy(alert, adminUrl)).toEqual([expect.objectContaining(forged[alert]) as object]);

  await inLedger(adminUrl, 'REVOKE SELECT ON account FROM microbank_ledger');
  const { access_token } = (await (await signIn(address, dataFolder)).json()) as { access_token: string };
  for (let count = 0; count < 60; count++) {
    const { status } = await fetch(`${address}/api/accounts`, { headers: { authorization: `Bearer ${access_token}` } });
    expect(status).toBe(500);
  }
  await fires(prometheus, 'FailuresBurnFast');
});
