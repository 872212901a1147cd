// From the commit of a transaction to the commit of its notification, in a whole bank as `npm start` runs it.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { connectKeepAlive } from './keep-alive-client.ts';
import { openAccounts, signIn } from './open-accounts.ts';
import { startOwnBank } from './own-bank.ts';

type LatencyOptions = {
  /** The server's, which has to run with track_commit_timestamp=on. */
  adminUrl: string;
  /** Without it the bank's broker is in process. */
  amqpUrl: string | undefined;
  rate: number;
  seconds: number;
};

const clients = 10;
const accountCount = 50;
const warmUpSeconds = 2;
const drainTimeoutMs = 90_000;

/** Ms for each transaction of the measured time, as PostgreSQL noted the two commits. */
export async function measureLatency({ adminUrl, amqpUrl, rate, seconds }: LatencyOptions): Promise<number[]> {
  const bank = await startOwnBank([], { DATABASE_URL: adminUrl, ...(amqpUrl !== undefined && { AMQP_URL: amqpUrl }) });
  const ledger = await open(adminUrl, 'microbank_ledger');
  const notifications = await open(adminUrl, 'microbank_notifications');
  try {
    const token = await signIn(bank);
    const accounts = await openAccounts(bank, token, accountCount);
    await post(bank.origin, token, accounts, rate, warmUpSeconds);
    const ids = await post(bank.origin, token, accounts, rate, seconds);
    const committed = await readCommits(ledger, 'SELECT id, xmin FROM transaction WHERE id = ANY ($1)', ids);
    for (const until = performance.now() + drainTimeoutMs; ;) {
      const select = 'SELECT transaction_id AS id, xmin FROM notification WHERE transaction_id = ANY ($1)';
      const told = await readCommits(notifications, select, ids);
      if (told.size === ids.length) return ids.map((id) => (told.get(id) as number) - (committed.get(id) as number));
      if (performance.now() > until) throw new Error(`of ${ids.length} transactions only ${told.size} were told`);
      await sleep(200);
    }
  } finally {
    await Promise.all([ledger.end(), notifications.end()]);
    await bank.stop();
  }
}

/** Deposits at a steady rate, however long each takes; resolves with the ids of the transactions. */
async function post(
  origin: string,
  token: string,
  accounts: readonly number[],
  rate: number,
  seconds: number,
): Promise<number[]> {
  const ids: number[] = [];
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = await connectKeepAlive(origin, token);
      for (let i = next++; i < rate * seconds; i = next++) {
        await sleep(Math.max(0, startedAt + (i * 1_000) / rate - performance.now()));
        const body = `{"account_id":${accounts[i % accounts.length]},"amount":1}`;
        const status = await client.post('/api/deposits', `latency-${startedAt}-${i}`, body);
        if (status !== 201) throw new Error(`a deposit was answered ${status} ${client.lastBody()}`);
        ids.push((JSON.parse(client.lastBody()) as { id: number }).id);
      }
      client.close();
    }),
  );
  return ids;
}

async function readCommits(client: Client, select: string, ids: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await client.query<{ id: number; at: number }>(
    `SELECT id::int, (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::float8 AS at FROM (${select}) AS rows`,
    [ids],
  );
  return new Map(rows.map(({ id, at }) => [id, at]));
}

async function open(adminUrl: string, database: string): Promise<Client> {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  return client;
}
