// Reads an account day by day in one SQL statement: a seek for each closing balance, and one pass over what the period moved.
import { sql, type Kysely } from 'kysely';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import type { Currency } from '../shared/contract/money.ts';
import type { Day } from './contract.ts';
import type { DayPeriod } from './day-period.ts';
import { daysOf, isBookedIn, sumByDay, toDay, type DayRow } from './day-rows.ts';

export type AskedDays = {
  accountId: number;
  /** Only if this person owns the account; undefined for tellers. */
  ownerId: number | undefined;
  period: DayPeriod;
};

/** Oldest first. Empty when there is no such account, or it is somebody else's. */
export async function selectDays(db: Kysely<LedgerSchema>, { accountId, ownerId, period }: AskedDays): Promise<Day[]> {
  const moves = sql`
    SELECT booked_at, amount_minor FROM entry
    WHERE account_id = ${accountId} AND account_id > 0 AND ${isBookedIn(period)}`;
  const { rows } = await sql<DayRow & { currency: Currency }>`
    SELECT currency, to_char(day, 'YYYY-MM-DD') AS date, coalesce(closing.balance_after_minor, 0) AS balance_minor,
      coalesce(in_minor, 0) AS in_minor, coalesce(out_minor, 0) AS out_minor, coalesce(transactions, 0) AS transactions
    FROM account
    CROSS JOIN ${daysOf(period)} AS day
    LEFT JOIN LATERAL (
      SELECT balance_after_minor FROM entry
      WHERE account_id = account.id AND account_id > 0 AND booked_at < (day + interval '1 day') AT TIME ZONE 'UTC'
      ORDER BY booked_at DESC, version DESC LIMIT 1
    ) closing ON true
    LEFT JOIN (${sumByDay(moves)}) moved USING (day)
    WHERE account.id = ${accountId} AND account.id > 0 ${ownerId === undefined ? sql`` : sql`AND user_id = ${ownerId}`}
    ORDER BY day`.execute(db);
  return rows.map((row) => toDay(row, row.currency));
}
