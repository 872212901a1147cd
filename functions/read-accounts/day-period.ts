// The days that were asked for: dates in UTC, both ends included, none after today.
import { Refusal } from '../shared/contract/errors.ts';
import { daysByDefault, mostDays } from './contract.ts';

/** Dates such as 2026-11-23. */
export type DayPeriod = { from: string; to: string };

const dayMs = 86_400_000;

/**
 * `from` and `to` are dates, as the contract has checked. Days after today have no closing balance yet and are left out, so that a
 * calendar month may be asked for before it is over. Refuses (422) a `from` after `to` or after today, and more than `mostDays`.
 */
export function parseDayPeriod(asked: { from?: string | undefined; to?: string | undefined }, now: Date): DayPeriod {
  const today = dateOf(now.getTime());
  const to = asked.to ?? today;
  const from = asked.from ?? dateOf(Date.parse(to < today ? to : today) - (daysByDefault - 1) * dayMs);

  if (from > to) throw invalid('validation_failed', 'the period ends before it begins');
  if (from > today) throw invalid('validation_failed', `the period begins after today, ${today} in UTC`);
  if ((Date.parse(to) - Date.parse(from)) / dayMs >= mostDays)
    throw invalid('period_too_long', `a period has at most ${mostDays} days; ask for it in parts`);
  return { from, to: to < today ? to : today };
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function invalid(code: string, detail: string): Refusal {
  return new Refusal(code, 422, detail, { errors: [{ pointer: '/from', detail }] });
}
