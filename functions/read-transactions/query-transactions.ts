// Reads transactions with their entries: each account's history is one index range, newest first.
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import { toUnits, type Currency } from '../shared/contract/money.ts';
import type { Entry, Transaction, TransactionType } from '../shared/contract/transaction.ts';

/** With the owner of each entry's account, so that the caller sees balances of their own accounts only. */
export type FoundTransaction = Omit<Transaction, 'entries'> & { entries: (Entry & { user_id: number | null })[] };

export type TransactionFilter = {
  accountId: number | undefined;
  /** Only what touches this person's accounts; undefined for tellers. */
  userId: number | undefined;
  type?: TransactionType | undefined;
  from?: string | undefined;
  to?: string | undefined;
  /** Plain decimals in major units, both included; as text they are exact. */
  min_amount?: string | undefined;
  max_amount?: string | undefined;
  q?: string | undefined;
  /** Keyset: only ids below this one. */
  beforeId: number | undefined;
  limit: number;
  skip: number;
};

/** Newest first. Ids grow in booking order within an account, because they are drawn under its lock. */
export async function selectTransactions(
  db: Kysely<LedgerSchema>,
  filter: TransactionFilter,
): Promise<FoundTransaction[]> {
  const { accountId, userId, limit, skip } = filter;
  const conditions = conditionsOf(filter);
  const isWholeBank = accountId === undefined && userId === undefined;
  const accounts =
    accountId === undefined
      ? sql`SELECT id FROM account WHERE user_id = ${userId}`
      : sql`SELECT ${accountId}::bigint AS id`;
  // Each account gives its newest few from its own index range; a transfer between two of them comes up twice.
  const ids = isWholeBank
    ? sql`SELECT t.id FROM transaction t WHERE ${conditions}`
    : sql`
      SELECT DISTINCT newest.id FROM (${accounts}) mine CROSS JOIN LATERAL (
        SELECT t.id FROM entry JOIN transaction t ON t.id = entry.transaction_id
        WHERE entry.account_id = mine.id ${beforeOf(filter, sql`entry.transaction_id`)} AND ${conditions}
        ORDER BY entry.transaction_id DESC LIMIT ${limit + skip}
      ) newest`;
  return await selectByIds(db, sql`${ids} ORDER BY id DESC LIMIT ${limit} OFFSET ${skip}`);
}

export async function selectTransaction(db: Kysely<LedgerSchema>, id: number): Promise<FoundTransaction | undefined> {
  return (await selectByIds(db, sql`SELECT ${id}::bigint AS id`))[0];
}

function conditionsOf(filter: TransactionFilter): RawBuilder<unknown> {
  const { type, from, to, min_amount, max_amount, q } = filter;
  return sql`true
    ${beforeOf(filter, sql`t.id`)}
    ${type === undefined ? sql`` : sql`AND t.type = ${type}`}
    ${from === undefined ? sql`` : sql`AND t.booked_at >= ${from}::timestamptz`}
    ${to === undefined ? sql`` : sql`AND t.booked_at < ${to}::timestamptz`}
    ${min_amount === undefined ? sql`` : sql`AND t.amount_minor >= ${minorOf(min_amount)}`}
    ${max_amount === undefined ? sql`` : sql`AND t.amount_minor <= ${minorOf(max_amount)}`}
    ${q === undefined ? sql`` : sql`AND strpos(search_key(t.description), search_key(${q}::text)) > 0`}`;
}

/**
 * In the currency of the transaction `t`. Numeric, so that half a yen is between none and one. Looked up for each transaction, which
 * costs 2 µs: with one cheap look-up for all, the planner reads the whole table for each account of a customer.
 */
function minorOf(decimal: string): RawBuilder<unknown> {
  return sql`(SELECT (${decimal}::text || 'e' || digits)::numeric FROM currency WHERE code = t.currency)`;
}

function beforeOf({ beforeId }: TransactionFilter, column: RawBuilder<unknown>): RawBuilder<unknown> {
  return beforeId === undefined ? sql`` : sql`AND ${column} < ${beforeId}`;
}

type Row = Omit<
  FoundTransaction,
  'id' | 'account_id' | 'target_account_id' | 'amount' | 'reverses' | 'reversed_by' | 'requested_by' | 'entries'
> & {
  id: bigint;
  account_id: bigint;
  target_account_id: bigint | null;
  amount_minor: bigint;
  currency: Currency;
  reverses: bigint | null;
  reversed_by: bigint | null;
  requested_by: bigint | null;
  /** Minor units as text: JSON numbers would do up to 2^53 only. */
  entries: { account_id: number; user_id: number | null; amount_minor: string; balance_after_minor: string | null }[];
};

async function selectByIds(db: Kysely<LedgerSchema>, ids: RawBuilder<unknown>): Promise<FoundTransaction[]> {
  const { rows } = await sql<Row>`
    SELECT t.id, t.type, t.account_id, t.target_account_id, t.amount_minor, t.currency, t.description, t.reverses,
      (SELECT id FROM transaction WHERE reverses = t.id) AS reversed_by, t.requested_by, t.trace_id,
      to_rfc3339(t.booked_at) AS timestamp, to_rfc3339(t.effective_at) AS effective_at,
      (SELECT json_agg(json_build_object('account_id', e.account_id, 'user_id', a.user_id, 'amount_minor', e.amount_minor::text,
          'balance_after_minor', e.balance_after_minor::text) ORDER BY e.amount_minor, e.account_id)
        FROM entry e JOIN account a ON a.id = e.account_id WHERE e.transaction_id = t.id) AS entries
    FROM (${ids}) found JOIN transaction t ON t.id = found.id
    ORDER BY t.id DESC`.execute(db);
  return rows.map(toFound);
}

function toFound({ amount_minor, entries, ...row }: Row): FoundTransaction {
  const { currency } = row;
  return {
    id: Number(row.id),
    account_id: Number(row.account_id),
    target_account_id: row.target_account_id === null ? null : Number(row.target_account_id),
    type: row.type,
    amount: toUnits(amount_minor, currency),
    currency,
    description: row.description,
    reverses: row.reverses === null ? null : Number(row.reverses),
    reversed_by: row.reversed_by === null ? null : Number(row.reversed_by),
    requested_by: row.requested_by === null ? null : Number(row.requested_by),
    entries: entries.map((entry) => ({
      account_id: entry.account_id,
      user_id: entry.user_id,
      amount: toUnits(BigInt(entry.amount_minor), currency),
      balance_after: entry.balance_after_minor === null ? null : toUnits(BigInt(entry.balance_after_minor), currency),
    })),
    timestamp: row.timestamp,
    effective_at: row.effective_at,
    trace_id: row.trace_id,
  };
}
