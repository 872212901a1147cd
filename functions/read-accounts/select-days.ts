// Reads an account day by day in one SQL statement: a seek for each closing balance, and one pass over what the period moved.
import { sql, type Kysely } from 'kysely';
import type { LedgerSchema } from '../shared/ledger-schema.ts';
import { toUnits, type Currency } from '../shared/money.ts';
import type { Day } from './contract.ts';
import type { DayPeriod } from './day-period.ts';

export type AskedDays = {
  accountId: number;
  /** Only if this person owns the account; undefined for tellers. */
  ownerId: number | undefined;
  period: DayPeriod;
};

type Row = {
  currency: Currency;
  date: string;
  balance_minor: bigint;
  /** Sums of any number of amounts are numerics, which come as text: a bigint might not hold them. */
  in_minor: string;
  out_minor: string;
  transactions: bigint;
};

/** Oldest first. Empty when there is no such account, or it is somebody else's. */
export async function selectDays(db: Kysely<LedgerSchema>, { accountId, ownerId, period }: AskedDays): Promise<Day[]> {
  const { rows } = await sql<Row>`
    SELECT currency, to_char(day, 'YYYY-MM-DD') AS date, coalesce(closing.balance_after_minor, 0) AS balance_minor,
      coalesce(in_minor, 0) AS in_minor, coalesce(out_minor, 0) AS out_minor, coalesce(transactions, 0) AS transactions
    FROM account
    -- Without a time zone: no day of these is shorter or longer than another, whatever the session's zone is.
    CROSS JOIN generate_series(${period.from}::timestamp, ${period.to}::timestamp, '1 day') AS day
    LEFT JOIN LATERAL (
      SELECT balance_after_minor FROM entry
      WHERE account_id = account.id AND account_id > 0 AND booked_at < (day + interval '1 day') AT TIME ZONE 'UTC'
      ORDER BY booked_at DESC, version DESC LIMIT 1
    ) closing ON true
    LEFT JOIN (${movesOf(accountId, period)}) moved USING (day)
    WHERE account.id = ${accountId} AND account.id > 0 ${ownerId === undefined ? sql`` : sql`AND user_id = ${ownerId}`}
    ORDER BY day`.execute(db);
  return rows.map(toDay);
}

function movesOf(accountId: number, { from, to }: DayPeriod) {
  return sql`
    SELECT date_trunc('day', booked_at AT TIME ZONE 'UTC') AS day, count(*) AS transactions,
      sum(amount_minor) FILTER (WHERE amount_minor > 0) AS in_minor,
      -sum(amount_minor) FILTER (WHERE amount_minor < 0) AS out_minor
    FROM entry
    WHERE account_id = ${accountId} AND account_id > 0
      AND booked_at >= ${from}::timestamp AT TIME ZONE 'UTC'
      AND booked_at < (${to}::timestamp + interval '1 day') AT TIME ZONE 'UTC'
    GROUP BY 1`;
}

function toDay({ currency, ...row }: Row): Day {
  return {
    date: row.date,
    balance: toUnits(row.balance_minor, currency),
    total_in: toUnits(BigInt(row.in_minor), currency),
    total_out: toUnits(BigInt(row.out_minor), currency),
    transactions: Number(row.transactions),
  };
}
