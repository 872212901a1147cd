// Troubles that only a cluster has: each fires the alert that names it in the Prometheus beside the bank, with the true times, and what the runbook
// says leads to its cause and ends it.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { ask, firingLabels } from '../../observability/tests/prometheus.ts';
import { statementsOf } from '../../observability/tests/runbook.ts';
import { mustCreate } from '../traffic/customers.ts';
import { atZero, bankUrl, findBank, kindFolder, nothingOwed, podsReady } from './testing/bank.ts';
import { note } from './testing/figures.ts';
import { kubectl, list, portForward } from './testing/kubectl.ts';
import { psql } from './testing/psql.ts';
import { runScript } from './testing/run-script.ts';

const minuteMs = 60_000;
const patience = (minutes: number) => ({ timeout: minutes * minuteMs, interval: 2_000 });
const asleep = 'read-transactions';
/** Starts a copy every minute. */
const throttled = 'relay-users';

let prometheus: string;
beforeAll(async () => {
  const forwarded = await portForward('prometheus', 9090, 'monitoring');
  prometheus = forwarded.url;
  return () => forwarded[Symbol.asyncDispose]();
});

async function fires(alert: string, labels: Record<string, string>, minutes: number): Promise<void> {
  const began = performance.now();
  const expected = expect.objectContaining({ alertname: alert, ...labels }) as unknown;
  await expect.poll(() => firingLabels(prometheus), patience(minutes)).toContainEqual(expected);
  await note('runbook', `${alert} fires`, `${Math.round((performance.now() - began) / 1_000)} s`);
}

async function ends(alert: string, minutes: number): Promise<void> {
  const names = async () => (await firingLabels(prometheus)).map(({ alertname }) => alertname);
  await expect.poll(names, patience(minutes)).not.toContain(alert);
}

async function limitCpu(limit: string | null): Promise<void> {
  const patch = [
    limit === null
      ? { op: 'remove', path: '/spec/template/spec/containers/0/resources/limits/cpu' }
      : { op: 'add', path: '/spec/template/spec/containers/0/resources/limits/cpu', value: limit },
  ];
  await kubectl('patch', 'ksvc', throttled, '--type', 'json', '--patch', JSON.stringify(patch));
}

test('copies that may use too little CPU start slowly: ColdStartsSlow', { timeout: 20 * minuteMs }, async () => {
  await using undo = new AsyncDisposableStack();
  undo.defer(() => limitCpu(null));
  await limitCpu('40m');
  await fires('ColdStartsSlow', {}, 18);
  const slowest = await ask(
    prometheus,
    'topk(1, max by (service) (max_over_time(microbank_function_cold_start_seconds[1h])))',
  );
  expect(slowest.map(({ labels }) => labels['service'])).toEqual([throttled]);
});

test('a node that takes no pods: FunctionNotReady, QueueWithoutConsumers', { timeout: 20 * minuteMs }, async () => {
  const bank = await findBank();
  const token = await bank.teller.token();
  const url = `${bank.url}/api/transactions?limit=1`;
  const headers = { authorization: `Bearer ${token}` };
  await atZero(4 * minuteMs, [asleep]);
  await using undo = new AsyncDisposableStack();
  const [node] = await list('node');
  const name = node?.metadata.name ?? '';
  undo.defer(async () => {
    await kubectl('uncordon', name);
  });
  await kubectl('cordon', name);
  const dispatcher = 'notify-account-opened-dispatcher';
  await kubectl('delete', 'pod', ...(await podsOf(dispatcher)), '--grace-period=1');

  // Whoever is not answered asks again.
  const answered = (async () => {
    for (const until = Date.now() + 15 * minuteMs; Date.now() < until; await sleep(1_000)) {
      const { status } = await fetch(url, { headers }).catch(() => ({ status: 0 }));
      if (status === 200) return true;
    }
    return false;
  })();
  await fires('FunctionNotReady', { kn_service_name: asleep }, 6);
  expect(await kubectl('get', 'events')).toMatch(new RegExp(`FailedScheduling\\s+pod/${asleep}-.*unschedulable`));
  await fires('QueueWithoutConsumers', { queue: expect.stringContaining('notify-account-opened') as string }, 8);
  expect(await kubectl('get', 'triggers,pods')).toMatch(new RegExp(`${dispatcher}-\\S+\\s+0/1\\s+Pending`));

  await kubectl('uncordon', name);
  expect(await answered).toBe(true);
  await ends('FunctionNotReady', 3);
  await ends('QueueWithoutConsumers', 3);
});

test(
  'a relay that nobody wakes: OutboxOld; up.sh puts back what is missing, a certificate too',
  { timeout: 20 * minuteMs },
  async () => {
    const bank = await findBank();
    const create = async <T>(path: string, body: object): Promise<T> =>
      mustCreate<T>(bank.api, { method: 'POST', path, token: await bank.teller.token(), body });
    const person = { name: 'Olga Owed', email: `owed-${randomUUID().slice(0, 8)}@example.com` };
    const { id: user_id } = await create<{ id: number }>('/users', person);
    const { id: account_id } = await create<{ id: number }>('/accounts', { user_id, account_type: 'checking' });
    await nothingOwed(bank);

    await using undo = new AsyncDisposableStack();
    undo.defer(async () => {
      await runScript(join(kindFolder, 'up.sh'), 'bank');
    });
    await kubectl('delete', 'pingsource', 'relay-ledger');
    const [rabbit = ''] = await podsOf('bank-server');
    await kubectl('delete', 'pod', rabbit, '--grace-period=1');
    // What is committed while the broker is away is left to the relay.
    for (let count = 0; count < 10; count++) await create('/deposits', { account_id, amount: 1 });
    await podsReady('app.kubernetes.io/name=bank');
    await fires('OutboxOld', { datname: 'ledger' }, 12);
    expect(await kubectl('get', 'pingsources')).not.toContain('relay-ledger');

    const before = await certificate();
    await kubectl('delete', 'secret', 'edge-tls');
    await runScript(join(kindFolder, 'up.sh'), 'bank');
    expect(await kubectl('get', 'pingsources')).toContain('relay-ledger');
    await nothingOwed(bank);
    await ends('OutboxOld', 3);
    await expect.poll(certificate, patience(3)).not.toBe(before);
  },
);

test('the bank is shut while its books are looked at, and opened again', { timeout: 10 * minuteMs }, async () => {
  const url = await bankUrl();
  const isOpen = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  const [edge] = await list<{ metadata: never; spec: { replicas: number } }>(
    'deployment',
    'app.kubernetes.io/name=edge',
  );
  const replicas = edge?.spec.replicas ?? 1;
  const scale = (count: number) => kubectl('scale', 'deployment', 'edge', '--replicas', String(count));
  await using undo = new AsyncDisposableStack();
  undo.defer(async () => {
    await scale(replicas);
  });
  await scale(0);
  await expect.poll(isOpen, patience(2)).toBe(false);
  const answers: Record<string, string[][]> = {};
  for (const alert of ['BooksDoNotBalance', 'BalanceIsNotItsEntries', 'PromiseBroken', 'PoolExhausted', 'DiskFull']) {
    const questions = statementsOf(alert).filter(
      (statement) => statement.startsWith('SELECT') && !/[^:]:[a-z]/.test(statement),
    );
    answers[alert] = await Promise.all(questions.map((statement) => psql('ledger', statement)));
  }
  expect(answers).toMatchObject({ BooksDoNotBalance: [[], []], BalanceIsNotItsEntries: [[]], PoolExhausted: [[]] });
  expect(answers['PromiseBroken']?.[0]).toContain('transactions sum to zero|0');
  expect(answers['DiskFull']?.[0]?.join()).toMatch(/entry\|\d+ /);
  await scale(replicas);
  await expect.poll(isOpen, patience(2)).toBe(true);
});

async function podsOf(deployment: string): Promise<string[]> {
  const names = (await list('pod')).map(({ metadata }) => metadata.name);
  return names.filter((name) => name.startsWith(`${deployment}-`));
}

/** The fingerprint of the edge's. */
async function certificate(): Promise<string> {
  const script = `source "${kindFolder}/lib.sh"; bank_secure_url`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script]);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(stdout.trim()).port), rejectUnauthorized: false });
    socket.on('error', reject).on('secureConnect', () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
  });
}
