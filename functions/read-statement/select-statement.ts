// Reads a statement in one SQL statement, so that its balances and its lines are of one moment and always add up.
import { sql, type Kysely } from 'kysely';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import { toTotal, toUnits, type Currency } from '../shared/contract/money.ts';
import type { AccountType } from '../shared/contract/account.ts';
import type { TransactionType } from '../shared/contract/transaction.ts';
import type { Statement, StatementLine } from './contract.ts';
import type { Period } from './period.ts';

export type Asked = {
  accountId: number;
  /** Only if this person owns the account; undefined for tellers. */
  ownerId: number | undefined;
  period: Period;
  now: Date;
  /** At most this many lines are read. */
  limit: number;
};

type Row = {
  user_id: bigint;
  account_type: AccountType;
  currency: Currency;
  to: string;
  opening_minor: bigint;
  lines: Line[];
};

/** Minor units as text: JSON numbers would do up to 2^53 only. */
type Line = {
  transaction_id: number;
  timestamp: string;
  effective_at: string;
  type: TransactionType;
  description: string | null;
  counterparty_account_id: number | null;
  amount_minor: string;
  balance_after_minor: string;
};

/** Undefined when there is no such account, or it is somebody else's. The opening balance is one index seek. */
export async function selectStatement(db: Kysely<LedgerSchema>, asked: Asked): Promise<Statement | undefined> {
  const { accountId, ownerId, period, now, limit } = asked;
  const { rows } = await sql<Row>`
    SELECT user_id, account_type, currency,
      -- Without an end the newest entry is in it, also when the ledger's clock is ahead of ours.
      to_rfc3339(coalesce(${period.to}::timestamptz,
        greatest(${now.toISOString()}::timestamptz, last_booked_at + interval '1 microsecond'))) AS "to",
      coalesce((
        SELECT balance_after_minor FROM entry
        WHERE account_id = account.id AND account_id > 0 AND booked_at < ${period.from}::timestamptz
        ORDER BY booked_at DESC, version DESC LIMIT 1
      ), 0) AS opening_minor,
      coalesce((SELECT json_agg(line ORDER BY version) FROM (${linesOf(period, limit)}) line), '[]') AS lines
    FROM account
    WHERE id = ${accountId} AND id > 0 ${ownerId === undefined ? sql`` : sql`AND user_id = ${ownerId}`}`.execute(db);
  return rows[0] && toStatement(rows[0], accountId, period.from);
}

function linesOf({ from, to }: Period, limit: number) {
  return sql`
    SELECT e.version, e.transaction_id, to_rfc3339(e.booked_at) AS timestamp, to_rfc3339(t.effective_at) AS effective_at,
      t.type, t.description,
      CASE WHEN t.target_account_id = e.account_id THEN t.account_id ELSE t.target_account_id END AS counterparty_account_id,
      e.amount_minor::text, e.balance_after_minor::text
    FROM entry e JOIN transaction t ON t.id = e.transaction_id
    WHERE e.account_id = account.id AND e.account_id > 0 AND e.booked_at >= ${from}::timestamptz
      ${to === undefined ? sql`` : sql`AND e.booked_at < ${to}::timestamptz`}
    ORDER BY e.booked_at, e.version LIMIT ${limit}`;
}

function toStatement(
  { user_id, account_type, currency, to, opening_minor, lines }: Row,
  accountId: number,
  from: string,
): Statement {
  const amounts = lines.map((line) => BigInt(line.amount_minor));
  const sum = (some: bigint[]): bigint => some.reduce((total, amount) => total + amount, 0n);
  return {
    account_id: accountId,
    account_type,
    user_id: Number(user_id),
    currency,
    from,
    to,
    opening_balance: toUnits(opening_minor, currency),
    closing_balance: toUnits(opening_minor + sum(amounts), currency),
    total_in: toTotal(sum(amounts.filter((amount) => amount > 0n)), currency),
    total_out: toTotal(-sum(amounts.filter((amount) => amount < 0n)), currency),
    entries: lines.map((line) => toStatementLine(line, currency)),
  };
}

function toStatementLine({ amount_minor, balance_after_minor, ...line }: Line, currency: Currency): StatementLine {
  return {
    transaction_id: line.transaction_id,
    timestamp: line.timestamp,
    effective_at: line.effective_at,
    type: line.type,
    description: line.description,
    counterparty_account_id: line.counterparty_account_id,
    amount: toUnits(BigInt(amount_minor), currency),
    balance_after: toUnits(BigInt(balance_after_minor), currency),
  };
}
