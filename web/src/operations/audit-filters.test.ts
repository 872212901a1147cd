// What a teller looks for in the audit trail, in the page's address and in the questions to the bank.
import { expect, test } from 'vitest';
import { auditQueryOf, contextsOf, filtersIn, noAuditFilters, searchOf } from './audit-filters.ts';

const everything = 'act=account.frozen&actor=7&from=2026-11-01&to=2026-11-30&subject=accounts%2F42';

test('what stands in the address is read, and written as it was', () => {
  const filters = filtersIn(new URLSearchParams(everything));
  expect(filters).toEqual({
    act: 'account.frozen',
    actor: '7',
    kind: 'accounts',
    number: '42',
    from: '2026-11-01',
    to: '2026-11-30',
  });
  expect(searchOf(filters)).toBe(everything);
  expect(searchOf(noAuditFilters)).toBe('');
});

test('what is no filter is left out', () => {
  const search = 'act=money.printed&actor=-1&from=yesterday&to=2026-11-31T00:00&subject=castles%2F1&q=x';
  expect(filtersIn(new URLSearchParams(search))).toEqual(noAuditFilters);
  expect(filtersIn(new URLSearchParams('subject=accounts%2F1e3')).number).toBe('');
});

test('the bank is asked for whole days of the reader, and for a thing only once its number is known', () => {
  const filters = filtersIn(new URLSearchParams(everything));
  expect(auditQueryOf(filters)).toEqual({
    actor: 7,
    subject: 'accounts/42',
    from: new Date(2026, 10, 1).toISOString(),
    to: new Date(2026, 11, 1).toISOString(),
  });
  expect(auditQueryOf({ ...noAuditFilters, kind: 'accounts' })).toEqual({});
});

test('only the context that writes an act down is asked for it', () => {
  expect(contextsOf('')).toEqual(['users', 'ledger', 'notifications']);
  expect(contextsOf('account.frozen')).toEqual(['ledger']);
});
