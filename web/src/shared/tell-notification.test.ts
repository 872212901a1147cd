// What customers read of each kind of notification, in both languages and in currencies with 2, 0 and 3 decimals.
import { expect, test } from 'vitest';
import type { Notification } from '../../../functions/shared/contract/notification.ts';
import { de } from '../words/de.ts';
import { en, type Messages } from '../words/en.ts';
import { tellNotification } from './tell-notification.ts';

/** Told before facts were kept. */
const old: Notification = {
  id: 1,
  user_id: 2,
  message: 'Deposit of $500.00 completed. New balance: $1500.00',
  kind: 'deposit',
  transaction_id: 9,
  account_id: 7,
  amount: null,
  currency: null,
  balance_after: null,
  counterparty_account_id: null,
  reverses: null,
  account_type: null,
  timestamp: '2026-11-22T10:17:00.000Z',
  read: false,
};
const dollars = { ...old, currency: 'USD', amount: 500, balance_after: 12_300 } as const;

/** Intl puts spaces that don't break between amounts and signs. */
const withPlainSpaces = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

function tell(item: Notification, says: Messages = en, locale = 'en-US') {
  const { text, lang } = tellNotification(item, says, locale);
  return { text: withPlainSpaces(text), lang };
}

test.each<[string, Partial<Notification>, string, string]>([
  [
    'a deposit',
    {},
    'You deposited $500.00. New balance of account 7: $12,300.00.',
    'Sie haben 500,00 $ eingezahlt. Neuer Stand von Konto 7: 12.300,00 $.',
  ],
  [
    'a withdrawal into the overdraft',
    { kind: 'withdrawal', amount: -60, balance_after: -10 },
    'You withdrew $60.00. New balance of account 7: −$10.00.',
    'Sie haben 60,00 $ abgehoben. Neuer Stand von Konto 7: −10,00 $.',
  ],
  [
    'a transfer sent in yen',
    { kind: 'transfer_out', currency: 'JPY', amount: -1500, balance_after: 0, counterparty_account_id: 8 },
    'You transferred ¥1,500 to account 8. New balance of account 7: ¥0.',
    'Sie haben 1.500 ¥ auf Konto 8 überwiesen. Neuer Stand von Konto 7: 0 ¥.',
  ],
  [
    'a transfer received in dinars',
    { kind: 'transfer_in', currency: 'KWD', amount: 0.001, balance_after: 1012.5, counterparty_account_id: 8 },
    'You received KWD 0.001 from account 8. New balance of account 7: KWD 1,012.500.',
    'Sie haben 0,001 KWD von Konto 8 erhalten. Neuer Stand von Konto 7: 1.012,500 KWD.',
  ],
  [
    'a reversal that gives back',
    { kind: 'reversal', amount: 5, reverses: 4 },
    'Transaction 4 was reversed: $5.00 was returned to you. New balance of account 7: $12,300.00.',
    'Umsatz 4 wurde storniert: Sie haben 5,00 $ zurückerhalten. Neuer Stand von Konto 7: 12.300,00 $.',
  ],
  [
    'a reversal that takes back',
    { kind: 'reversal', amount: -5, reverses: 4 },
    'Transaction 4 was reversed: $5.00 was taken back. New balance of account 7: $12,300.00.',
    'Umsatz 4 wurde storniert: Ihr Konto wurde mit 5,00 $ belastet. Neuer Stand von Konto 7: 12.300,00 $.',
  ],
  [
    'the opening of an account',
    { kind: 'account_opened', amount: null, account_type: 'savings', balance_after: 0 },
    'Your account 7 (Savings) is open. Balance: $0.00.',
    'Ihr Sparkonto 7 ist eröffnet. Kontostand: 0,00 $.',
  ],
  [
    'the closing of an account',
    { kind: 'account_closed', amount: null, account_type: 'business', balance_after: 0 },
    'Your account 7 (Business) is closed.',
    'Ihr Geschäftskonto 7 ist aufgelöst.',
  ],
])('%s is told in the language of its reader', (_, facts, english, german) => {
  const item = { ...dollars, ...facts };
  expect(tell(item)).toEqual({ text: english, lang: undefined });
  expect(tell(item, de, 'de-DE')).toEqual({ text: german, lang: undefined });
});

test('amounts are written as the reader’s own country writes them', () => {
  expect(tell(dollars, en, 'en-GB').text).toContain('US$12,300.00');
  expect(tell(dollars, de, 'de-CH').text).toMatch(/12['’]300\.00/);
});

test.each<[string, Notification]>([
  ['from before facts were kept', old],
  ['without an amount', { ...dollars, amount: null }],
  ['without a balance', { ...dollars, balance_after: null }],
  ['without an account', { ...dollars, account_id: null }],
  ['of a transfer without the other account', { ...dollars, kind: 'transfer_in' }],
  ['of a transfer to several accounts', { ...dollars, kind: 'transfer_out' }],
  ['of a reversal without the original', { ...dollars, kind: 'reversal' }],
  [
    'of an account of a type that this page does not know',
    { ...dollars, kind: 'account_opened', account_type: 'loan' },
  ],
  ['of a closing without a type', { ...dollars, kind: 'account_closed' }],
])('a notification %s is shown in the bank’s own words, marked as English', (_, item) => {
  for (const [says, locale] of [[en, 'en-US'] as const, [de, 'de-DE'] as const]) {
    expect(tell(item, says, locale)).toEqual({ text: old.message, lang: 'en' });
  }
});
