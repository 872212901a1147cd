// The days of the demo's history, counted back from today. All times are UTC.

export type Day = {
  /** 0 is today. */
  back: number;
  /** Its midnight, in milliseconds. */
  start: number;
  /** 1 to 31. */
  date: number;
  /** 0 is Sunday. */
  weekday: number;
  /** E.g. `October`. */
  month: string;
};

const dayMs = 86_400_000;
const monthName = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' });
const historyDays = 90;
/** Accounts are opened on the day before, so that at any hour of today there is something to see on each of the 90 days. */
export const openingDay = historyDays + 1;

/** From the first day of the history until today. */
export function daysUntil(today: Date): Day[] {
  return Array.from({ length: historyDays + 1 }, (_, i) => {
    const start = momentOf(today, historyDays - i, 0);
    const date = new Date(start);
    return {
      back: historyDays - i,
      start,
      date: date.getUTCDate(),
      weekday: date.getUTCDay(),
      month: monthName.format(date),
    };
  });
}

/** `hour` may have a fraction: 9.5 is half past nine. */
export function momentOf(today: Date, back: number, hour: number): number {
  const midnight = Math.floor(today.getTime() / dayMs) * dayMs;
  return midnight - back * dayMs + Math.round(hour * 3_600_000);
}
