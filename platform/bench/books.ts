// Looks into the databases after the measurement: do the books balance, and are all events told?
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

export type Books = {
  /** Events not handed over yet. The broker takes an event only when its subscribers have applied it. */
  owed: () => Promise<number>;
  /** Waits until nothing is owed; ms that it took, or undefined when it took longer than `timeoutMs`. */
  drain: (timeoutMs: number) => Promise<number | undefined>;
  /** What is wrong with the books, in words; empty when they balance. `booked` is how many transactions were answered with 201. */
  differences: (booked: number) => Promise<string[]>;
  close: () => Promise<void>;
};

export async function openBooks(adminUrl: string): Promise<Books> {
  const [ledger, notifications] = await Promise.all([open('microbank_ledger'), open('microbank_notifications')]);

  async function open(database: string): Promise<Client> {
    const url = new URL(adminUrl);
    url.pathname = `/${database}`;
    const client = new Client({ connectionString: url.href });
    await client.connect();
    return client;
  }

  // By the index of what is owed: counting whole tables would cost the server more than what is measured.
  async function owed(): Promise<number> {
    return countOf(ledger, 'SELECT count(*) AS n FROM outbox WHERE handed_over_at IS NULL');
  }

  return {
    owed,
    async drain(timeoutMs) {
      const before = performance.now();
      while ((await owed()) > 0) {
        if (performance.now() - before > timeoutMs) return undefined;
        await sleep(50);
      }
      return performance.now() - before;
    },
    async differences(booked) {
      const { rows } = await ledger.query<{ what: string; n: string }>(booksQuery, [booked]);
      const recorded = await countOf(ledger, 'SELECT count(*) AS n FROM outbox');
      const applied = await countOf(notifications, 'SELECT count(*) AS n FROM inbox');
      rows.push({ what: 'events recorded but not applied', n: String(recorded - applied) });
      return rows.filter(({ n }) => Number(n) !== 0).map(({ what, n }) => `${what}: ${n}`);
    },
    async close() {
      await Promise.all([ledger.end(), notifications.end()]);
    },
  };
}

async function countOf(client: Client, query: string): Promise<number> {
  const { rows } = await client.query<{ n: string }>(query);
  return Number(rows[0]?.n);
}

/** Each row counts something that must be zero. */
const booksQuery = `
  SELECT 'transactions whose entries do not sum to zero' AS what, count(*) AS n
  FROM (SELECT FROM entry GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0) unbalanced
  UNION ALL
  SELECT 'accounts whose balance is not the sum of their entries', count(*)
  FROM account LEFT JOIN (SELECT account_id, sum(amount_minor) AS total, count(*) AS n FROM entry GROUP BY 1) e ON e.account_id = id
  WHERE id > 0 AND (balance_minor <> coalesce(total, 0) OR version <> coalesce(n, 0))
  UNION ALL
  SELECT 'transactions booked more or less than answered', count(*) - $1::bigint FROM transaction
  UNION ALL
  SELECT 'transactions without their event', (SELECT count(*) FROM transaction) - (SELECT count(*) FROM outbox)`;
