// What the bank stands on fails for real, and the alert that names it fires: RabbitMQ stopped, a consumer that fails, a table that is locked, keys
// that are too old, the bank itself gone. The alerts' minutes are seconds here.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { startRabbitMq } from '../../eventing/testing/rabbitmq.ts';
import { requestTo } from '../../functions/shared/testing/request.ts';
import { findBank } from '../../platform/demo/find-bank.ts';
import type { DatabaseAddress } from '../../platform/local/databases.ts';
import { makeEventKeys } from '../../platform/local/event-keys.ts';
import { startObserving } from '../../platform/local/observe.ts';
import { countSteps } from '../../platform/local/steps.ts';
import { bankPid, npmStart, signIn } from '../../platform/local/testing/npm-start.ts';
import { writeHurriedRules } from './hurried-rules.ts';
import { firingAlerts } from './prometheus.ts';

const folder = await mkdtemp(join(tmpdir(), 'microbank-troubled-'));
await chmod(folder, 0o711); // PostgreSQL may run as another user and has to get through.
const dataFolder = join(folder, 'data');
afterAll(async () => rm(folder, { recursive: true, force: true }));

const everySeconds = 2;
const twoYearsMs = 2 * 365.25 * 86_400_000;

async function bankWithOldKeys(rabbitUrl: string) {
  await mkdir(dataFolder, { mode: 0o700 });
  const keys = await makeEventKeys(new Date(Date.now() - twoYearsMs));
  await writeFile(join(dataFolder, 'event-keys.json'), JSON.stringify(keys), { mode: 0o600 });
  const address = await npmStart({ MICROBANK_DATA: dataFolder, AMQP_URL: rabbitUrl }).ready();
  const { access_token: token } = (await (await signIn(address, dataFolder)).json()) as { access_token: string };
  const request = requestTo(`${address}/api`);
  const person = { name: 'Ada Byron', email: 'ada@bank.example' };
  const { body: user } = await request<{ id: number }>('POST', '/users', { token, body: person });
  const opening = { user_id: user.id, account_type: 'checking' };
  const { body: account } = await request<{ id: number }>('POST', '/accounts', { token, body: opening });
  const deposit = async () => {
    const { status } = await request('POST', '/deposits', { token, body: { account_id: account.id, amount: 1 } });
    expect(status).toBe(201);
  };
  const read = async () => {
    const { status } = await request('GET', `/accounts/${account.id}`, { token });
    expect([200, 503]).toContain(status);
  };
  return { address, deposit, read };
}

async function asAdmin<T>({ adminUrl }: DatabaseAddress, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

test('each trouble fires the alert that names it, and its end ends it', { timeout: 400_000 }, async () => {
  await using undo = new AsyncDisposableStack();
  const rabbit = undo.adopt(await startRabbitMq(), (server) => server.close());
  const { address, deposit, read } = await bankWithOldKeys(rabbit.url);
  const { databases } = await findBank({ dataFolder, databaseUrl: undefined });
  const rules = join(folder, 'rules');
  await writeHurriedRules(rules);
  const prometheus = await startObserving(
    folder,
    Number(new URL(address).port),
    process.env['PROMETHEUS'] ?? 'prometheus',
    { steps: countSteps(console.log, new AbortController().signal), undo, onLost: console.error },
    { rules, everySeconds },
  );
  const alerts = () => firingAlerts(prometheus);
  const patience = { timeout: 120_000, interval: 1_000 };
  const fire = (...names: string[]) => expect.poll(alerts, patience).toEqual(new Set(['KeyOld', ...names]));

  await deposit();
  // The rest is well.
  await fire();

  await rabbit.stop();
  await deposit();
  await fire('EventsOwed', 'OutboxOld');
  await rabbit.start();
  await fire();

  await asAdmin(databases.notifications, async (admin) => {
    await admin.query('ALTER TABLE notification RENAME TO notification_away');
    await deposit();
    await expect.poll(alerts, patience).toContain('DeadLetters');
    await admin.query('ALTER TABLE notification_away RENAME TO notification');
  });

  await asAdmin(databases.ledger, async (admin) => {
    await admin.query('BEGIN; LOCK TABLE account IN ACCESS EXCLUSIVE MODE');
    let isLocked = true;
    // Each is told after a while that the bank is busy, and asks again.
    const reader = async (): Promise<void> => {
      while (isLocked) await read();
    };
    const readers = Promise.all(Array.from({ length: 60 }, reader));
    try {
      await expect.poll(alerts, patience).toContain('PoolExhausted');
    } finally {
      isLocked = false;
      await admin.query('COMMIT');
      await readers;
    }
  });
  await expect.poll(alerts, patience).toContain('SlowRequestsBurnFast');

  process.kill(await bankPid(dataFolder), 'SIGSTOP');
  await expect.poll(alerts, patience).toContain('BankNotScraped');
  process.kill(await bankPid(dataFolder), 'SIGCONT');
  await expect.poll(alerts, patience).not.toContain('BankNotScraped');
});
