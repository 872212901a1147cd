// What the stream tells a page, also when the bank is newer than the page.
import { expect, test } from 'vitest';
import { readNotification } from './read-notification.ts';

const told = {
  id: 5,
  user_id: 2,
  message: 'Deposit of $5.00 completed. New balance: $5.00',
  kind: 'deposit',
  transaction_id: 2,
  account_id: 1,
  amount: 5,
  currency: 'USD',
  balance_after: 5,
  counterparty_account_id: null,
  reverses: null,
  account_type: null,
  timestamp: '2026-11-25T08:00:00.000Z',
  read: false,
};

test('a notification is read', () => {
  expect(readNotification(JSON.stringify(told))).toEqual(told);
});

test('one that says more than this page knows of is read all the same', () => {
  expect(readNotification(JSON.stringify({ ...told, urgency: 'high' }))).toEqual(told);
});

test('one of a kind that this page has no words for is left out', () => {
  expect(readNotification(JSON.stringify({ ...told, kind: 'loan_granted' }))).toBeUndefined();
});
