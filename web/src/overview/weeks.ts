// Sums days into weeks that begin on Monday (ISO 8601).
import type { Currency, Total } from '../../../functions/shared/contract/money.ts';
import { sumMoney } from '../words/format.ts';

type Day = { date: string; total_in: Total; total_out: Total };
export type Week = { at: Date; total_in: Total; total_out: Total };

/** Oldest first, as the days are. The first and the last week may have fewer days than seven. */
export function weeksOf(days: readonly Day[], currency: Currency): Week[] {
  const groups = Map.groupBy(days, ({ date }) => mondayOf(date));
  return [...groups].map(([monday, group]) => ({
    at: new Date(monday),
    total_in: sumMoney(
      group.map(({ total_in }) => total_in),
      currency,
    ),
    total_out: sumMoney(
      group.map(({ total_out }) => total_out),
      currency,
    ),
  }));
}

/** Milliseconds of the Monday, at midnight UTC. */
function mondayOf(date: string): number {
  const at = new Date(date);
  const sinceMonday = (at.getUTCDay() + 6) % 7;
  return at.setUTCDate(at.getUTCDate() - sinceMonday);
}
