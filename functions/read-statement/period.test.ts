// What a statement's `from` and `to` mean.
import { expect, test } from 'vitest';
import { parsePeriod } from './period.ts';

const now = new Date('2026-11-23T10:17:30.250Z');

test.each([
  ['this month until now', {}, '2026-11-01T00:00:00.000000Z', undefined],
  ['a day until now', { from: '2026-11-20' }, '2026-11-20T00:00:00.000000Z', undefined],
  [
    'one whole day',
    { from: '2026-11-20', to: '2026-11-20' },
    '2026-11-20T00:00:00.000000Z',
    '2026-11-21T00:00:00.000000Z',
  ],
  [
    'a whole year',
    { from: '2026-01-01', to: '2026-12-31' },
    '2026-01-01T00:00:00.000000Z',
    '2027-01-01T00:00:00.000000Z',
  ],
  [
    'a leap year',
    { from: '2028-01-01', to: '2028-12-31' },
    '2028-01-01T00:00:00.000000Z',
    '2029-01-01T00:00:00.000000Z',
  ],
  ['the month in which it ends', { to: '2026-02-28' }, '2026-02-01T00:00:00.000000Z', '2026-03-01T00:00:00.000000Z'],
  [
    'moments, to the microsecond',
    { from: '2026-11-20T10:00:00.000123Z', to: '2026-11-20T10:00:00.000124Z' },
    '2026-11-20T10:00:00.000123Z',
    '2026-11-20T10:00:00.000124Z',
  ],
  [
    'moments with an offset',
    { from: '2026-11-20T01:30:00+02:00', to: '2026-11-20T23:00:00.5-23:59' },
    '2026-11-19T23:30:00.000000Z',
    '2026-11-21T22:59:00.500000Z',
  ],
  [
    'no time at all',
    { from: '2026-11-20T00:00:00Z', to: '2026-11-20T00:00:00Z' },
    '2026-11-20T00:00:00.000000Z',
    '2026-11-20T00:00:00.000000Z',
  ],
  [
    'the first days there are, further east',
    { from: '1970-01-01T00:00:00+05:00', to: '1970-01-02' },
    '1969-12-31T19:00:00.000000Z',
    '1970-01-03T00:00:00.000000Z',
  ],
  [
    'the last days there are',
    { from: '8999-12-30', to: '8999-12-31' },
    '8999-12-30T00:00:00.000000Z',
    '9000-01-01T00:00:00.000000Z',
  ],
])('%s', (_, asked, from, to) => {
  expect(parsePeriod(asked, now)).toEqual({ from, to });
});

test.each([
  ['an end before its beginning', { from: '2026-11-20', to: '2026-11-18' }, 'validation_failed', '/from'],
  [
    'an end a microsecond before',
    { from: '2026-11-20T00:00:00.000001Z', to: '2026-11-20T00:00:00Z' },
    'validation_failed',
    '/from',
  ],
  ['a beginning in the future', { from: '2026-11-24' }, 'validation_failed', '/from'],
  ['more than 366 days', { from: '2025-11-22', to: '2026-11-23' }, 'period_too_long', '/from'],
  ['years that Postgres does not know', { from: '0000-01-01', to: '0000-01-31' }, 'validation_failed', '/to'],
  ['the end of all dates', { from: '9999-12-01', to: '9999-12-31' }, 'validation_failed', '/to'],
])('refuses %s', (_, asked, code, pointer) => {
  expect(() => parsePeriod(asked, now)).toThrow(
    expect.objectContaining({ code, status: 422, errors: [expect.objectContaining({ pointer })] }),
  );
});
