// What the bank stands on fails for real, and the alert that names it fires: RabbitMQ stopped or unreadable, a consumer that fails, a table that is
// locked, keys that are too old, the bank itself halted. Each is looked into and ended as the runbook says. The alerts' minutes are seconds here.
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { startRabbitMq } from '../../eventing/testing/rabbitmq.ts';
import { requestTo } from '../../functions/shared/testing/request.ts';
import { findBank } from '../../platform/demo/find-bank.ts';
import type { DatabaseAddress } from '../../platform/local/databases.ts';
import { makeEventKeys } from '../../platform/local/event-keys.ts';
import { startObserving } from '../../platform/local/observe.ts';
import { countSteps } from '../../platform/local/steps.ts';
import { bankPid, launchBank, signIn } from '../../platform/local/testing/npm-start.ts';
import { writeHurriedRules } from './hurried-rules.ts';
import { firingAlerts } from './prometheus.ts';
import { fillIn, statementsOf } from './runbook.ts';

const folder = await mkdtemp(join(tmpdir(), 'microbank-troubled-'));
await chmod(folder, 0o711); // PostgreSQL may run as another user and has to get through.
const dataFolder = join(folder, 'data');
const keysFile = join(dataFolder, 'event-keys.json');
afterAll(async () => rm(folder, { recursive: true, force: true }));

const twoYearsMs = 2 * 365.25 * 86_400_000;

async function bankWithOldKeys(environment: Record<string, string>) {
  await mkdir(dataFolder, { mode: 0o700 });
  const keys = await makeEventKeys(new Date(Date.now() - twoYearsMs));
  await writeFile(keysFile, JSON.stringify(keys), { mode: 0o600 });
  const bank = launchBank(environment);
  const address = await bank.ready();
  const request = requestTo(`${address}/api`);
  // Anew: the test takes longer than a token is good for.
  const asTeller = async <T>(method: string, path: string, body?: object) => {
    const { access_token: token } = (await (await signIn(address, dataFolder)).json()) as { access_token: string };
    const answer = await request<T>(method, path, { token, ...(body && { body }) });
    expect(answer.status).toBeLessThan(300);
    return answer.body;
  };
  const { id: userId } = await asTeller<{ id: number }>('POST', '/users', { name: 'Ada', email: 'ada@bank.example' });
  const opening = { user_id: userId, account_type: 'checking' };
  const { id: accountId } = await asTeller<{ id: number }>('POST', '/accounts', opening);
  const { access_token: token } = (await (await signIn(address, dataFolder)).json()) as { access_token: string };
  return {
    bank,
    address,
    asTeller,
    deposit: () => asTeller<{ id: number }>('POST', '/deposits', { account_id: accountId, amount: 1 }),
    notified: async (transactionId: number) => {
      const told = await asTeller<{ transaction_id?: number }[]>('GET', `/notifications?user_id=${userId}&limit=100`);
      return told.some(({ transaction_id }) => transaction_id === transactionId);
    },
    read: async () => {
      const { status } = await request('GET', `/accounts/${accountId}`, { token });
      expect([200, 503]).toContain(status);
    },
  };
}

/** Rows as text, but for what is an array. */
async function asAdmin<T>({ adminUrl }: DatabaseAddress, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

test(
  'each trouble fires the alert that names it, and who follows the runbook ends it',
  { timeout: 900_000 },
  async () => {
    await using undo = new AsyncDisposableStack();
    const rabbit = undo.adopt(await startRabbitMq(), (server) => server.close());
    const environment = { MICROBANK_DATA: dataFolder, AMQP_URL: rabbit.url };
    const { bank, address, asTeller, deposit, notified, read } = await bankWithOldKeys(environment);
    undo.defer(bank.stop);
    const { databases } = await findBank({ dataFolder, databaseUrl: undefined });
    const rules = join(folder, 'rules');
    await writeHurriedRules(rules);
    const { port } = new URL(address);
    const prometheus = await startObserving(
      folder,
      Number(port),
      process.env['PROMETHEUS'] ?? 'prometheus',
      { steps: countSteps(console.log, new AbortController().signal), undo, onLost: console.error },
      rules,
    );
    const alerts = async () => [...(await firingAlerts(prometheus))];
    // Relays tick once a minute.
    const patience = { timeout: 180_000, interval: 1_000 };
    const fires = (...names: string[]) => expect.poll(alerts, patience).toEqual(expect.arrayContaining(names));
    const ends = (name: string) => expect.poll(alerts, patience).not.toContain(name);

    await deposit();
    // The rest is well; that it is slow may be this machine's.
    const others = async () => (await alerts()).filter((name) => !name.startsWith('SlowRequests'));
    await expect.poll(others, patience).toEqual(['KeyOld']);

    await rabbit.stop();
    await deposit();
    await fires('EventsOwed', 'OutboxOld');
    expect(await asTeller('GET', '/operations')).toMatchObject({ outbox: { ledger: { owed: 1 }, users: { owed: 0 } } });
    const isTold = async (what: string) => expect.poll(() => bank.output().includes(what), patience).toBe(true);
    for (const told of ['events were left to the relay', 'no connection to RabbitMQ']) await isTold(told);
    await rabbit.start();
    for (const name of ['EventsOwed', 'OutboxOld']) await ends(name);

    const queues = (await rabbit.control('list_queues', 'name')).split('\n');
    const queue = queues.find((name) => name.endsWith('.notify-transaction-completed')) ?? 'none is there';
    expect(queues).toContain(queue);
    const mayRead = (queues: string) => rabbit.control('set_permissions', 'bank', '.*', '.*', queues);
    await mayRead(`^(?!${queue}$)`);
    await rabbit.closeConnections();
    await fires('QueueWithoutConsumers');
    await isTold('ACCESS_REFUSED');
    expect(await rabbit.control('list_permissions')).toContain(`(?!${queue}$)`);
    await mayRead('.*');
    await ends('QueueWithoutConsumers');

    await asAdmin(databases.notifications, async (admin) => {
      await admin.query('ALTER TABLE notification RENAME TO notification_away');
      const { id: transaction_id } = await deposit();
      await fires('DeadLetters');
      const letters = await asTeller<{ event: object; reason_data: string }[]>('GET', '/operations/dead-letters');
      expect(letters).toMatchObject([{ event: { data: { transaction_id } }, reason_code: 500 }]);
      await admin.query('ALTER TABLE notification_away RENAME TO notification');
      const redriven = await asTeller('POST', '/operations/dead-letters/redrive');
      expect(redriven).toEqual({ applied: 1, failed: 0, left: 0 });
      expect(await notified(transaction_id)).toBe(true);
      await ends('DeadLetters');
    });

    const locker = new Client({ connectionString: databases.ledger.adminUrl });
    await locker.connect();
    const lockerEnded = new Promise<Error>((resolve) => locker.on('error', resolve));
    await locker.query('BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE');
    let isLocked = true;
    // Each is told after a while that the bank is busy, and asks again.
    const reader = async (): Promise<void> => {
      while (isLocked) await read();
    };
    const readers = Promise.all(Array.from({ length: 60 }, reader));
    await fires('PoolExhausted');
    const [findWaiting = '', endSession = ''] = statementsOf('PoolExhausted');
    await asAdmin(databases.ledger, async (admin) => {
      const { rows } = await admin.query<{ pid: number; pg_blocking_pids: number[] }>(findWaiting);
      const waiting = new Set(rows.map(({ pid }) => pid));
      const holders = new Set(rows.flatMap((row) => row.pg_blocking_pids).filter((pid) => !waiting.has(pid)));
      expect(holders.size).toBe(1);
      // Nobody asks again once it is mended: many fast answers would hide the slow ones.
      isLocked = false;
      for (const pid of holders) await admin.query(fillIn(endSession, { pid: String(pid) }));
    });
    expect(await lockerEnded).toMatchObject({ message: expect.stringContaining('terminat') as string });
    await ends('PoolExhausted');
    isLocked = false;
    await readers;
    await fires('SlowRequestsBurnFast', 'SlowRequestsBurnSlowly');

    const pid = await bankPid(dataFolder);
    process.kill(pid, 'SIGSTOP');
    await fires('BankNotScraped');
    const { stdout: state } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(pid)]);
    expect(state).toMatch(/^T/);
    process.kill(pid, 'SIGCONT');
    await ends('BankNotScraped');

    // An event waits in RabbitMQ, signed with the old key.
    const inNotifications = (statement: string) => asAdmin(databases.notifications, (admin) => admin.query(statement));
    await inNotifications('ALTER TABLE notification RENAME TO notification_away');
    const { id: signedBefore } = await deposit();
    await bank.stop();
    await rm(keysFile);
    const again = launchBank({ ...environment, PORT: port });
    undo.defer(again.stop);
    await again.ready();
    const { databases: now } = await findBank({ dataFolder, databaseUrl: undefined });
    await asAdmin(now.notifications, (admin) => admin.query('ALTER TABLE notification_away RENAME TO notification'));
    await ends('KeyOld');
    await fires('ForgedEvents');
    await expect.poll(() => notified(signedBefore), patience).toBe(true);
    const operations = () => asTeller('GET', '/operations');
    await expect.poll(operations, patience).toMatchObject({ events_owed: 0, dead_letters: 0, dead_letters_apart: 1 });
  },
);
