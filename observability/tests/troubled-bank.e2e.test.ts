// What the bank stands on fails for real, and the alert that names it fires: RabbitMQ stopped or unreadable, a consumer that fails, a table that is
// locked, keys that are too old, the bank itself halted. Each is looked into and ended as the runbook says. The alerts' minutes are seconds here.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRabbitMq, type RabbitMq } from '../../eventing/testing/rabbitmq.ts';
import { requestTo } from '../../functions/shared/testing/request.ts';
import { findBank } from '../../platform/demo/find-bank.ts';
import type { DatabaseAddresses } from '../../platform/local/databases.ts';
import { makeEventKeys } from '../../platform/local/event-keys.ts';
import { startObserving } from '../../platform/local/observe.ts';
import { countSteps } from '../../platform/local/steps.ts';
import { bankPid, launchBank, signIn, type Launched } from '../../platform/local/testing/npm-start.ts';
import { writeHurriedRules } from './hurried-rules.ts';
import { firingAlerts } from './prometheus.ts';
import { fillIn, statementsOf } from './runbook.ts';

const twoYearsMs = 2 * 365.25 * 86_400_000;
/** Relays tick once a minute. */
const patience = { timeout: 180_000, interval: 1_000 };
const timeout = 400_000;

const folder = await mkdtemp(join(tmpdir(), 'microbank-troubled-'));
await chmod(folder, 0o711); // PostgreSQL may run as another user and has to get through.
const dataFolder = join(folder, 'data');
const keysFile = join(dataFolder, 'event-keys.json');

let rabbit: RabbitMq;
let bank: Launched;
let address: string;
let prometheus: string;
let userId: number;
let accountId: number;

const undo = new AsyncDisposableStack();
undo.defer(() => rm(folder, { recursive: true, force: true }));
afterAll(() => undo.disposeAsync(), 60_000);

beforeAll(async () => {
  rabbit = undo.adopt(await startRabbitMq(), (server) => server.close());
  await mkdir(dataFolder, { mode: 0o700 });
  const keys = await makeEventKeys(new Date(Date.now() - twoYearsMs));
  await writeFile(keysFile, JSON.stringify(keys), { mode: 0o600 });
  await startBank();
  userId = (await asTeller<{ id: number }>('POST', '/users', { name: 'Ada', email: 'ada@bank.example' })).id;
  accountId = (await asTeller<{ id: number }>('POST', '/accounts', { user_id: userId, account_type: 'checking' })).id;
  const rules = join(folder, 'rules');
  await writeHurriedRules(rules);
  const surroundings = { steps: countSteps(console.log, new AbortController().signal), undo, onLost: console.error };
  const program = process.env['PROMETHEUS'] ?? 'prometheus';
  prometheus = await startObserving(folder, Number(new URL(address).port), program, surroundings, rules);
}, 180_000);

async function startBank(port = '0'): Promise<void> {
  bank = launchBank({ MICROBANK_DATA: dataFolder, AMQP_URL: rabbit.url, PORT: port });
  undo.defer(bank.stop);
  address = await bank.ready();
}

/** Signed in each time: together the tests take longer than a token is good for. */
async function asTeller<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await requestTo(`${address}/api`)<T>(method, path, { token: await token(), ...(body && { body }) });
  expect(answer.status, path).toBeLessThan(300);
  return answer.body;
}

async function token(): Promise<string> {
  return ((await (await signIn(address, dataFolder)).json()) as { access_token: string }).access_token;
}

/** Resolves with the transaction's id. */
async function deposit(): Promise<number> {
  return (await asTeller<{ id: number }>('POST', '/deposits', { account_id: accountId, amount: 1 })).id;
}

async function isNotified(transactionId: number): Promise<boolean> {
  const told = await asTeller<{ transaction_id?: number }[]>('GET', `/notifications?user_id=${userId}&limit=100`);
  return told.some(({ transaction_id }) => transaction_id === transactionId);
}

async function inDatabase<T>(name: keyof DatabaseAddresses, work: (admin: Client) => Promise<T>): Promise<T> {
  const { databases } = await findBank({ dataFolder, databaseUrl: undefined });
  const admin = new Client({ connectionString: databases[name].adminUrl });
  // A session that is ended from elsewhere says so at its next statement.
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

const putNotificationsAway = () =>
  inDatabase('notifications', (admin) => admin.query('ALTER TABLE notification RENAME TO notification_away'));
const putNotificationsBack = () =>
  inDatabase('notifications', (admin) => admin.query('ALTER TABLE notification_away RENAME TO notification'));

const alerts = async () => [...(await firingAlerts(prometheus))];
const fires = (...names: string[]) => expect.poll(alerts, patience).toEqual(expect.arrayContaining(names));
const ends = (name: string) => expect.poll(alerts, patience).not.toContain(name);
const isTold = (what: string) => expect.poll(() => bank.output().includes(what), patience).toBe(true);

test('keys of two years ago: KeyOld, and nothing else', { timeout }, async () => {
  await deposit();
  // That it is slow may be this machine's.
  const others = async () => (await alerts()).filter((name) => !name.startsWith('SlowRequests'));
  await expect.poll(others, patience).toEqual(['KeyOld']);
});

test('RabbitMQ stopped: EventsOwed, OutboxOld', { timeout }, async () => {
  await rabbit.stop();
  await deposit();
  await fires('EventsOwed', 'OutboxOld');
  expect(await asTeller('GET', '/operations')).toMatchObject({ outbox: { ledger: { owed: 1 }, users: { owed: 0 } } });
  for (const told of ['events were left to the relay', 'no connection to RabbitMQ']) await isTold(told);
  await rabbit.start();
  for (const name of ['EventsOwed', 'OutboxOld']) await ends(name);
});

test('a queue that the bank may not read: QueueWithoutConsumers', { timeout }, async () => {
  const queues = (await rabbit.control('list_queues', 'name')).split('\n');
  const queue = queues.find((name) => name.endsWith('.notify-transaction-completed')) ?? 'none is there';
  expect(queues).toContain(queue);
  const mayRead = (pattern: string) => rabbit.control('set_permissions', 'bank', '.*', '.*', pattern);
  await mayRead(`^(?!${queue}$)`);
  await rabbit.closeConnections();
  await fires('QueueWithoutConsumers');
  await isTold('ACCESS_REFUSED');
  expect(await rabbit.control('list_permissions')).toContain(`(?!${queue}$)`);
  await mayRead('.*');
  await ends('QueueWithoutConsumers');
});

test('a consumer that fails: DeadLetters', { timeout }, async () => {
  await putNotificationsAway();
  const id = await deposit();
  await fires('DeadLetters');
  const letters = await asTeller('GET', '/operations/dead-letters');
  expect(letters).toMatchObject([{ event: { data: { transaction_id: id } }, reason_code: 500 }]);
  await putNotificationsBack();
  const redriven = await asTeller('POST', '/operations/dead-letters/redrive');
  expect(redriven).toEqual({ applied: 1, failed: 0, left: 0 });
  expect(await isNotified(id)).toBe(true);
  await ends('DeadLetters');
});

test('a table that somebody keeps locked: PoolExhausted, SlowRequests', { timeout }, async () => {
  const bearer = await token();
  let isLocked = true;
  // Each is told after a while that the bank is busy, and asks again.
  const reader = async (): Promise<void> => {
    while (isLocked) {
      const { status } = await requestTo(`${address}/api`)('GET', `/accounts/${accountId}`, { token: bearer });
      expect([200, 503]).toContain(status);
    }
  };
  await inDatabase('ledger', async (locker) => {
    await locker.query('BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE');
    const readers = Promise.all(Array.from({ length: 60 }, reader));
    try {
      await fires('PoolExhausted');
      const [findWaiting = '', endSession = ''] = statementsOf('PoolExhausted');
      await inDatabase('ledger', async (admin) => {
        const { rows } = await admin.query<{ pid: number; pg_blocking_pids: number[] }>(findWaiting);
        const waiting = new Set(rows.map(({ pid }) => pid));
        const holders = new Set(rows.flatMap((row) => row.pg_blocking_pids).filter((pid) => !waiting.has(pid)));
        expect(holders.size).toBe(1);
        for (const pid of holders) await admin.query(fillIn(endSession, { pid: String(pid) }));
      });
    } finally {
      // At once: many fast answers would hide the slow ones.
      isLocked = false;
      await readers;
    }
    await expect(locker.query('COMMIT')).rejects.toThrow();
  });
  await fires('SlowRequestsBurnFast', 'SlowRequestsBurnSlowly');
  await ends('PoolExhausted');
});

test('the bank halted: BankNotScraped', { timeout }, async () => {
  const pid = await bankPid(dataFolder);
  process.kill(pid, 'SIGSTOP');
  await fires('BankNotScraped');
  const { stdout: state } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]);
  expect(state).toMatch(/^T/);
  process.kill(pid, 'SIGCONT');
  await ends('BankNotScraped');
});

test('keys made anew: KeyOld ends, and what the old ones signed arrives all the same', { timeout }, async () => {
  await putNotificationsAway();
  const id = await deposit();
  // Its event waits in RabbitMQ.
  await bank.stop();
  await rm(keysFile);
  await startBank(new URL(address).port);
  await putNotificationsBack();
  await ends('KeyOld');
  await fires('ForgedEvents');
  await expect.poll(() => isNotified(id), patience).toBe(true);
  const operations = () => asTeller('GET', '/operations');
  await expect.poll(operations, patience).toMatchObject({ events_owed: 0, dead_letters: 0, dead_letters_apart: 1 });
});
