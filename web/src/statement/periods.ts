// Periods that people ask statements for. Days are the bank's, which begin at midnight UTC.

export const presets = ['thisMonth', 'lastMonth', 'last90', 'thisYear'] as const;
export type Preset = (typeof presets)[number];

/** First and last day, both included, as `2026-11-01`. */
export type Period = { from: string; to: string };

export function periodOf(preset: Preset, now: Date): Period {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const today = dayOf(year, month, day);
  switch (preset) {
    case 'thisMonth':
      return { from: dayOf(year, month, 1), to: today };
    case 'lastMonth':
      return { from: dayOf(year, month - 1, 1), to: dayOf(year, month, 0) };
    case 'last90':
      return { from: dayOf(year, month, day - 89), to: today };
    case 'thisYear':
      return { from: dayOf(year, 0, 1), to: today };
  }
}

function dayOf(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
}
