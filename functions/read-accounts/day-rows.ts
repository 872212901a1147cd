// What the statements that read days share: the moments that belong to them, the sums of each, and how a row is shown.
import { sql, type RawBuilder } from 'kysely';
import { toExactUnits, type Currency } from '../shared/contract/money.ts';
import type { Day } from './contract.ts';
import type { DayPeriod } from './day-period.ts';

export type DayRow = {
  date: string;
  /** Sums of any number of amounts are numerics, which come as text: a bigint might not hold them. */
  balance_minor: bigint | string;
  in_minor: string;
  out_minor: string;
  transactions: bigint;
};

/** Rows of `timestamp`, without a time zone: no day of these is shorter or longer than another, whatever the session's zone is. */
export function daysOf({ from, to }: DayPeriod): RawBuilder<unknown> {
  return sql`generate_series(${from}::timestamp, ${to}::timestamp, '1 day')`;
}

/** True of entries that were booked on one of these days. */
export function isBookedIn({ from, to }: DayPeriod): RawBuilder<boolean> {
  return sql`booked_at >= ${from}::timestamp AT TIME ZONE 'UTC'
    AND booked_at < (${to}::timestamp + interval '1 day') AT TIME ZONE 'UTC'`;
}

/** Of rows with `booked_at` and a signed `amount_minor`, one for each transaction; days without any are left out. */
export function sumByDay(moves: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    SELECT date_trunc('day', booked_at AT TIME ZONE 'UTC') AS day, count(*) AS transactions,
      sum(amount_minor) FILTER (WHERE amount_minor > 0) AS in_minor,
      -sum(amount_minor) FILTER (WHERE amount_minor < 0) AS out_minor
    FROM (${moves}) move
    GROUP BY 1`;
}

/** A row as the API shows it, in the major units of its currency. */
export function toDay(row: DayRow, currency: Currency): Day {
  return {
    date: row.date,
    balance: toExactUnits(BigInt(row.balance_minor), currency),
    total_in: toExactUnits(BigInt(row.in_minor), currency),
    total_out: toExactUnits(BigInt(row.out_minor), currency),
    transactions: Number(row.transactions),
  };
}
