// Days summed into weeks for the chart of what came and went.
import { expect, test } from 'vitest';
import type { Total } from '../../../functions/shared/contract/money.ts';
import { weeksOf } from './weeks.ts';

const day = (date: string, total_in: Total = 0.1, total_out: Total = 0) => ({ date, total_in, total_out });

test('weeks begin on Monday, and the first and the last may be short', () => {
  const days = ['2026-11-21', '2026-11-22', '2026-11-23', '2026-11-29', '2026-11-30'].map((date) => day(date));
  expect(weeksOf(days, 'USD').map(({ at, total_in }) => [at.toISOString(), total_in])).toEqual([
    ['2026-11-16T00:00:00.000Z', 0.2],
    ['2026-11-23T00:00:00.000Z', 0.2],
    ['2026-11-30T00:00:00.000Z', 0.1],
  ]);
});

test('a week that spans two years is one week', () => {
  const days = ['2026-12-28', '2026-12-31', '2027-01-01', '2027-01-03', '2027-01-04'].map((date) => day(date));
  expect(weeksOf(days, 'EUR').map(({ at }) => at.toISOString().slice(0, 10))).toEqual(['2026-12-28', '2027-01-04']);
});

test('what came in and what went out are summed apart, to the last minor unit', () => {
  const days = [day('2026-11-23', 0.1, 1.005), day('2026-11-24', 0.2, 0.005), day('2026-11-25', 0, 0)];
  expect(weeksOf(days, 'KWD')).toEqual([{ at: new Date('2026-11-23'), total_in: 0.3, total_out: 1.01 }]);
  expect(weeksOf([], 'KWD')).toEqual([]);
});

test('a week of days that no double holds is summed to the last minor unit', () => {
  const days = [day('2026-11-23', '90071992547409.93', 0.01), day('2026-11-24', 0.02, '90071992547409.93')];
  expect(weeksOf(days, 'USD')).toEqual([
    { at: new Date('2026-11-23'), total_in: '90071992547409.95', total_out: '90071992547409.94' },
  ]);
});
