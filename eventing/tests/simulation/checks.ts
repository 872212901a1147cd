// What must be true when everything has come to rest, looked up in the tables as their owner.
import type { SimulatedDatabases } from './databases.ts';
import type { Labels } from './labels.ts';

export type Books = { transactionId: string; accountId: string };

export async function markBooks({ ledger }: SimulatedDatabases): Promise<Books> {
  const { rows } = await ledger.admin.query<Books>(
    `SELECT (SELECT coalesce(max(id), 0) FROM transaction)::text AS "transactionId",
            (SELECT greatest(max(id), 0) FROM account)::text AS "accountId"`,
  );
  return rows[0] as Books;
}

export type Expected = {
  since: Books;
  labels: Labels;
  /** Types that have a consumer. */
  types: readonly string[];
  /** Deposits, withdrawals, transfers and reversals that clients were told of. */
  transactions: ReadonlySet<number>;
  /** Events that their consumer can't apply: the only ones that may be dead letters without a reason. */
  poison: ReadonlySet<string>;
  /** Events whose every try of some delivery failed. */
  givenUp: ReadonlySet<string>;
};

/** Broken promises in words; empty when all is well. */
export async function findViolations(databases: SimulatedDatabases, expected: Expected): Promise<string[]> {
  const violations = await checkBooks(databases, expected);
  return [...violations, ...(await checkEffects(databases, expected))];
}

async function checkBooks({ ledger }: SimulatedDatabases, { since, transactions }: Expected): Promise<string[]> {
  const { rows } = await ledger.admin.query<{ what: string }>({
    name: 'books',
    text: booksSql,
    values: [since.transactionId, since.accountId],
  });
  const violations = rows.map(({ what }) => what);
  const booked = await ledger.admin.query<{ id: string }>(
    `SELECT id::text FROM transaction WHERE id > $1 AND type <> 'opening' ORDER BY id`,
    [since.transactionId],
  );
  if (booked.rows.length !== transactions.size || !booked.rows.every(({ id }) => transactions.has(Number(id)))) {
    violations.push(`clients were told of ${transactions.size} transactions, and ${booked.rows.length} are booked`);
  }
  return violations;
}

async function checkEffects(databases: SimulatedDatabases, expected: Expected): Promise<string[]> {
  const { labels, types, poison, givenUp } = expected;
  const [told, applied, dead] = await Promise.all([
    column(databases.ledger, `SELECT id::text AS value FROM outbox WHERE type = ANY ($1) ORDER BY id`, [types]),
    column(databases.notifications, 'SELECT id AS value FROM inbox ORDER BY id'),
    column(databases.notifications, 'SELECT event_id AS value FROM dead_letter WHERE redriven_at IS NULL ORDER BY id'),
  ]);
  const violations: string[] = [];
  const has = new Set(applied);
  const isDead = new Set(dead);
  for (const id of told) {
    if (!has.has(id) && !isDead.has(id)) violations.push(`${labels.of(id)} is neither applied nor a dead letter`);
    if (has.has(id) && poison.has(id)) violations.push(`${labels.of(id)} can't be applied, and is`);
  }
  for (const id of has) if (!told.includes(id)) violations.push(`${labels.of(id)} is applied, and nobody told it`);
  for (const id of isDead) {
    if (!poison.has(id) && !givenUp.has(id)) violations.push(`${labels.of(id)} is a dead letter without a reason`);
  }
  return [...violations, ...(await checkNotifications(databases, expected, has))];
}

/** One notification for each customer's entry whose event is applied, and no other. */
async function checkNotifications(
  databases: SimulatedDatabases,
  { since }: Expected,
  applied: ReadonlySet<string>,
): Promise<string[]> {
  const due = await databases.ledger.admin.query<{ what: string; event: string }>({
    name: 'due',
    text: `SELECT concat_ws(' ', user_id, transaction_id, account_id) AS what, outbox.id::text AS event
           FROM entry JOIN account ON account.id = account_id
           JOIN outbox ON data ->> 'transaction_id' = transaction_id::text
           WHERE transaction_id > $1 AND user_id IS NOT NULL`,
    values: [since.transactionId],
  });
  const owed = due.rows.filter(({ event }) => applied.has(event)).map(({ what }) => what);
  const written = await column(
    databases.notifications,
    `SELECT concat_ws(' ', user_id, transaction_id, account_id) AS value FROM notification ORDER BY id`,
  );
  const offset = Number(since.transactionId);
  const name = (what: string): string =>
    what.replace(/ (\d+)/, (_, id: string) => ` transaction +${Number(id) - offset}`).replace(/ \d+$/, '');
  return [
    ...difference(owed, written).map((what) => `user ${name(what)} is not told of`),
    ...difference(written, owed).map((what) => `user ${name(what)} is told of once too often`),
  ];
}

/** What is in the first and not in the second, each as often as there is one more. */
function difference(first: readonly string[], second: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const item of second) left.set(item, (left.get(item) ?? 0) + 1);
  return first.filter((item) => {
    const count = left.get(item) ?? 0;
    left.set(item, count - 1);
    return count <= 0;
  });
}

async function column(
  { admin }: SimulatedDatabases['ledger'],
  text: string,
  values: unknown[] = [],
): Promise<string[]> {
  return (await admin.query<{ value: string }>(text, values)).rows.map(({ value }) => value);
}

const booksSql = `
WITH
  e AS (SELECT * FROM entry WHERE transaction_id > $1::bigint),
  a AS (SELECT * FROM account WHERE id > $2::bigint),
  told AS (SELECT (data ->> 'transaction_id')::bigint AS id FROM outbox WHERE data ? 'transaction_id')
SELECT format('the books stand at %s %s', sum(amount_minor), currency) AS what FROM e GROUP BY currency HAVING sum(amount_minor) <> 0
UNION ALL SELECT 'a transaction does not sum to zero' FROM e GROUP BY transaction_id HAVING sum(amount_minor) <> 0
UNION ALL SELECT 'an account holds another sum than that of its entries'
  FROM a LEFT JOIN e ON e.account_id = a.id GROUP BY a.id, a.balance_minor HAVING a.balance_minor <> coalesce(sum(amount_minor), 0)
UNION ALL SELECT 'an account is below nothing' FROM a WHERE balance_minor < 0
UNION ALL SELECT format('transaction +%s is told %s times', t.id - $1::bigint, count(told.id))
  FROM transaction t LEFT JOIN told ON told.id = t.id WHERE t.id > $1::bigint GROUP BY t.id HAVING count(told.id) <> 1`;
