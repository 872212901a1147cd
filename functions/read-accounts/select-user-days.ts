// Reads a person's accounts in one currency day by day, as if they were one: a seek each for what they held, one pass for the rest.
import { sql, type Kysely } from 'kysely';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import type { Currency } from '../shared/contract/money.ts';
import type { Day } from './contract.ts';
import type { DayPeriod } from './day-period.ts';
import { daysOf, isBookedIn, sumByDay, toDay, type DayRow } from './day-rows.ts';

export type AskedUserDays = { userId: number; currency: Currency; period: DayPeriod };

/** Oldest first; days of 0 when there is no such account. */
export async function selectUserDays(
  db: Kysely<LedgerSchema>,
  { userId, currency, period }: AskedUserDays,
): Promise<Day[]> {
  // Both sides of a transaction are booked at one moment. Between two of these accounts they add up to 0, neither in nor out.
  const moves = sql`
    SELECT booked_at, sum(amount_minor) AS amount_minor
    FROM own JOIN entry ON account_id = own.id AND account_id > 0 AND ${isBookedIn(period)}
    GROUP BY transaction_id, booked_at`;
  const { rows } = await sql<DayRow>`
    WITH own AS (SELECT id FROM account WHERE user_id = ${userId} AND currency = ${currency})
    SELECT to_char(day, 'YYYY-MM-DD') AS date,
      before_minor + sum(coalesce(in_minor, 0) - coalesce(out_minor, 0)) OVER (ORDER BY day) AS balance_minor,
      coalesce(in_minor, 0) AS in_minor, coalesce(out_minor, 0) AS out_minor, coalesce(transactions, 0) AS transactions
    FROM (
      SELECT coalesce(sum(balance_after_minor), 0) AS before_minor
      FROM own CROSS JOIN LATERAL (
        SELECT balance_after_minor FROM entry
        WHERE account_id = own.id AND account_id > 0 AND booked_at < ${period.from}::timestamp AT TIME ZONE 'UTC'
        ORDER BY booked_at DESC, version DESC LIMIT 1
      ) closing
    ) held
    CROSS JOIN ${daysOf(period)} AS day
    LEFT JOIN (${sumByDay(moves)}) moved USING (day)
    ORDER BY day`.execute(db);
  return rows.map((row) => toDay(row, currency));
}
