// The period of a statement: days or moments as they were asked for become two moments, the second one excluded.
import { Refusal } from '../shared/contract/errors.ts';
import { isOfThisAge } from '../shared/contract/paging.ts';
import { mostDays } from './contract.ts';

/** RFC 3339 in UTC with microseconds, as the ledger writes times. `to` is open when nothing is said: up to now. */
export type Period = { from: string; to: string | undefined };

const dayMs = 86_400_000;

/**
 * `from` and `to` are dates (whole days in UTC, both included) or RFC 3339 date-times, as the contract has checked.
 * Refuses (422) a period that ends before it begins, is longer than `mostDays`, or is not of this age.
 */
export function parsePeriod(asked: { from?: string | undefined; to?: string | undefined }, now: Date): Period {
  const to = asked.to === undefined ? undefined : momentOf(asked.to, '/to', dayMs);
  const end = to ?? { ms: now.getTime(), text: '' };
  const from = asked.from === undefined ? startOfMonth(end.ms) : momentOf(asked.from, '/from', 0);

  // Texts of one form: they tell microseconds apart, which milliseconds can't.
  if (from.ms > end.ms || (to && from.text > to.text)) throw invalid('/from', 'the period ends before it begins');
  if (end.ms - from.ms > mostDays * dayMs) {
    const detail = `a statement covers at most ${mostDays} days; ask for it in parts`;
    throw new Refusal('period_too_long', 422, detail, { errors: [{ pointer: '/from', detail }] });
  }
  return { from: from.text, to: to?.text };
}

type Moment = { ms: number; text: string };

/** `wholeDayMs` is added to a bare date, so that the last day of a period is in it. */
function momentOf(text: string, pointer: string, wholeDayMs: number): Moment {
  const isDate = !text.includes('T');
  const ms = Date.parse(text) + (isDate ? wholeDayMs : 0);
  // NaN: an offset or a fraction that Date does not take.
  if (!isOfThisAge(text) || Number.isNaN(ms)) throw invalid(pointer, 'is not a time between the years 1970 and 8999');

  // Date drops microseconds, and a client may well ask from the very timestamp of an entry.
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  return { ms, text: `${new Date(ms).toISOString().slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z` };
}

/** The month of the last moment that belongs to the period: a period until December 1st, 0:00 is one of November. */
function startOfMonth(endMs: number): Moment {
  const last = new Date(endMs - 1);
  const ms = Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), 1);
  return { ms, text: `${new Date(ms).toISOString().slice(0, 19)}.000000Z` };
}

function invalid(pointer: string, detail: string): Refusal {
  return new Refusal('validation_failed', 422, `${pointer}: ${detail}`, { errors: [{ pointer, detail }] });
}
