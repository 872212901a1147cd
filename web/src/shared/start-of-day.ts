// Days of the reader, as moments: a day begins at midnight where the reader is.

/** `day` is `2026-11-25`. */
export function startOfDay(day: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}
