// The periods that a statement is asked for with one press. Days are the bank's, in UTC.
import { expect, test } from 'vitest';
import { periodOf, type Preset } from './periods.ts';

test.each<[now: string, Preset, from: string, to: string]>([
  ['2026-11-25T12:00:00Z', 'thisMonth', '2026-11-01', '2026-11-25'],
  ['2026-11-25T12:00:00Z', 'lastMonth', '2026-10-01', '2026-10-31'],
  ['2026-11-25T12:00:00Z', 'last90', '2026-08-28', '2026-11-25'],
  ['2026-11-25T12:00:00Z', 'thisYear', '2026-01-01', '2026-11-25'],
  ['2027-01-15T12:00:00Z', 'lastMonth', '2026-12-01', '2026-12-31'],
  ['2027-01-01T00:00:00Z', 'thisYear', '2027-01-01', '2027-01-01'],
  ['2027-01-15T12:00:00Z', 'last90', '2026-10-18', '2027-01-15'],
  ['2028-03-31T12:00:00Z', 'lastMonth', '2028-02-01', '2028-02-29'],
  ['2027-03-31T12:00:00Z', 'lastMonth', '2027-02-01', '2027-02-28'],
  ['2028-02-29T12:00:00Z', 'thisMonth', '2028-02-01', '2028-02-29'],
  ['2026-11-30T23:59:59.999Z', 'thisMonth', '2026-11-01', '2026-11-30'],
  ['2026-12-01T00:30:00+01:00', 'thisMonth', '2026-11-01', '2026-11-30'],
])('at %s %s is from %s to %s', (now, preset, from, to) => {
  expect(periodOf(preset, new Date(now))).toEqual({ from, to });
});

test('90 days are 90 with both ends, in leap years and across them', () => {
  for (const now of ['2026-11-25', '2028-03-01', '2028-12-31', '2029-01-01']) {
    const { from, to } = periodOf('last90', new Date(now));
    expect((Date.parse(to) - Date.parse(from)) / 86_400_000).toBe(89);
  }
});
