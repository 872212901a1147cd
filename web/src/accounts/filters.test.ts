// What is asked of the bank when somebody filters a history: days begin and end where the reader is.
import { afterEach, expect, test, vi } from 'vitest';
import { isFiltered, noFilters, queryOf } from './filters.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ['UTC', '2026-11-25', '2026-11-25T00:00:00.000Z', '2026-11-26T00:00:00.000Z'],
  ['Europe/Berlin', '2026-11-25', '2026-11-24T23:00:00.000Z', '2026-11-25T23:00:00.000Z'],
  ['Asia/Tokyo', '2026-12-31', '2026-12-30T15:00:00.000Z', '2026-12-31T15:00:00.000Z'],
  ['America/Los_Angeles', '2028-02-29', '2028-02-29T08:00:00.000Z', '2028-03-01T08:00:00.000Z'],
  ['Pacific/Kiritimati', '2027-01-01', '2026-12-31T10:00:00.000Z', '2027-01-01T10:00:00.000Z'],
  // Clocks are put forward, and back: 23 hours, and 25.
  ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
  // Midnight is left out there that day; it begins at one.
  ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z', '2026-04-24T21:00:00.000Z'],
])('in %s %s lasts from %s to before %s', (timeZone, day, from, to) => {
  vi.stubEnv('TZ', timeZone);
  expect(queryOf({ ...noFilters, from: day, to: day })).toEqual({ from, to });
});

test('a field that is empty asks for nothing', () => {
  expect(queryOf(noFilters)).toEqual({});
  expect(isFiltered(noFilters)).toBe(false);
});

test('what is filled in is asked for by the names of the contract', () => {
  const filters = { ...noFilters, type: 'transfer', min: '10.50', max: '20', q: 'rent' } as const;
  expect(queryOf(filters)).toEqual({ type: 'transfer', min_amount: '10.50', max_amount: '20', q: 'rent' });
  expect(isFiltered(filters)).toBe(true);
  expect(isFiltered({ ...noFilters, to: '2026-11-25' })).toBe(true);
});
