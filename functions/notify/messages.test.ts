// What customers are told, as a table: every kind of event in currencies with 2, 0 and 3 decimals.
import { describe, expect, test } from 'vitest';
import { accountClosed } from '../../eventing/events/account-closed.ts';
import { accountOpened } from '../../eventing/events/account-opened.ts';
import { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import { aboutClosing, aboutOpening, aboutTransaction, type Message } from './messages.ts';

type Side = [accountId: number, userId: number | null, amount: number, balanceAfter: number | null];

function transaction(
  type: 'deposit' | 'withdrawal' | 'transfer' | 'reversal',
  currency: string,
  payer: Side,
  payee: Side,
) {
  const entries = [payer, payee].map(([account_id, user_id, amount, balance_after]) => ({
    account_id,
    user_id,
    amount,
    balance_after,
    version: balance_after === null ? null : 3,
  }));
  const isDeposit = payer[0] < 0;
  return transactionCompleted.data.parse({
    ...transactionCompleted.example,
    transaction_id: 9,
    type,
    currency,
    account_id: isDeposit ? payee[0] : payer[0],
    target_account_id: type === 'transfer' ? payee[0] : null,
    amount: payee[2],
    reverses: type === 'reversal' ? 8 : null,
    entries,
  });
}

const cash = (amount: number): Side => [-840, null, amount, null];

function factsOf(message: Message) {
  const { amount_minor, currency, balance_after_minor, counterparty_account_id, reverses, account_type } = message;
  return { amount_minor, currency, balance_after_minor, counterparty_account_id, reverses, account_type };
}

describe('each customer concerned is told their own side', () => {
  test.each([
    ['USD', '$500.00', '$1500.00', 500, 1500],
    ['JPY', 'JPY 500', 'JPY 1500', 500, 1500],
    ['KWD', 'KWD 0.001', 'KWD 12.500', 0.001, 12.5],
    ['EUR', 'EUR 0.10', 'EUR 0.30', 0.1, 0.3],
  ])('in %s', (currency, amountText, balanceText, amount, balance) => {
    const texts = (...args: Parameters<typeof transaction>) =>
      aboutTransaction(transaction(...args)).map((m) => [m.user_id, m.kind, m.message]);

    expect(texts('deposit', currency, cash(-amount), [1, 11, amount, balance])).toEqual([
      [11, 'deposit', `Deposit of ${amountText} completed. New balance: ${balanceText}`],
    ]);
    expect(texts('withdrawal', currency, [1, 11, -amount, balance], cash(amount))).toEqual([
      [11, 'withdrawal', `Withdrawal of ${amountText} completed. New balance: ${balanceText}`],
    ]);
    expect(texts('transfer', currency, [1, 11, -amount, balance], [2, 12, amount, amount])).toEqual([
      [11, 'transfer_out', `Transfer of ${amountText} to account 2 completed. New balance: ${balanceText}`],
      [12, 'transfer_in', `Received transfer of ${amountText} from account 1. New balance: ${amountText}`],
    ]);
    expect(texts('reversal', currency, [2, 12, -amount, balance], [1, 11, amount, amount])).toEqual([
      [12, 'reversal', `Transaction 8 reversed: ${amountText} taken back from account 2. New balance: ${balanceText}`],
      [11, 'reversal', `Transaction 8 reversed: ${amountText} returned to account 1. New balance: ${amountText}`],
    ]);
    const opened = { ...accountOpened.example, currency, opening_balance: balance };
    expect(aboutOpening(opened)[0]?.message).toBe(`Account 7 (checking) opened. New balance: ${balanceText}`);
  });
});

describe('what a message tells is there as facts too, money in minor units', () => {
  test.each([
    ['USD', 500, 1500, 50_000, 150_000],
    ['JPY', 500, 1500, 500, 1500],
    ['KWD', 0.001, 12.5, 1, 12_500],
    ['EUR', 0.1, 0.3, 10, 30],
  ])('in %s', (currency, amount, balance, amountMinor, balanceMinor) => {
    const facts = (...args: Parameters<typeof transaction>) => aboutTransaction(transaction(...args)).map(factsOf);
    const none = { currency, counterparty_account_id: null, reverses: null, account_type: null };

    expect(facts('deposit', currency, cash(-amount), [1, 11, amount, balance])).toEqual([
      { ...none, amount_minor: amountMinor, balance_after_minor: balanceMinor },
    ]);
    expect(facts('withdrawal', currency, [1, 11, -amount, -balance], cash(amount))).toEqual([
      { ...none, amount_minor: -amountMinor, balance_after_minor: -balanceMinor },
    ]);
    expect(facts('transfer', currency, [1, 11, -amount, balance], [2, 12, amount, 0])).toEqual([
      { ...none, amount_minor: -amountMinor, balance_after_minor: balanceMinor, counterparty_account_id: 2 },
      { ...none, amount_minor: amountMinor, balance_after_minor: 0, counterparty_account_id: 1 },
    ]);
    expect(facts('reversal', currency, [1, 11, -amount, balance], cash(amount))).toEqual([
      { ...none, amount_minor: -amountMinor, balance_after_minor: balanceMinor, reverses: 8 },
    ]);
    const opened = { ...accountOpened.example, currency, opening_balance: balance };
    expect(aboutOpening(opened).map(factsOf)).toEqual([
      { ...none, amount_minor: null, balance_after_minor: balanceMinor, account_type: 'checking' },
    ]);
    expect(aboutClosing({ ...accountClosed.example, currency }).map(factsOf)).toEqual([
      { ...none, amount_minor: null, balance_after_minor: 0, account_type: 'checking' },
    ]);
  });

  test('no single account is named as the other side where several took part', () => {
    const shared = transaction('transfer', 'USD', [1, 11, -5, 95], [2, 12, 3, 3]);
    const third = { account_id: 3, user_id: 13, amount: 2, balance_after: 2, version: 1 };
    const told = aboutTransaction({ ...shared, entries: [...shared.entries, third] });
    expect(told.map((message) => message.counterparty_account_id)).toEqual([null, null, null]);
  });
});

test('a transfer between two accounts of one person tells that person both sides, the sending one first', () => {
  const told = aboutTransaction(transaction('transfer', 'USD', [1, 11, -5, 95], [2, 11, 5, 5]));
  expect(told.map((message) => [message.user_id, message.kind, message.account_id])).toEqual([
    [11, 'transfer_out', 1],
    [11, 'transfer_in', 2],
  ]);
});

test('an overdrawn balance is shown with its sign', () => {
  const [told] = aboutTransaction(transaction('withdrawal', 'USD', [1, 11, -60, -10], cash(60)));
  expect(told?.message).toBe('Withdrawal of $60.00 completed. New balance: -$10.00');
});

test('a closed account is told to its owner', () => {
  expect(aboutClosing(accountClosed.example)).toEqual([
    {
      user_id: 1,
      kind: 'account_closed',
      message: 'Account 7 closed',
      booked_at: accountClosed.example.closed_at,
      transaction_id: 9,
      account_id: 7,
      amount_minor: null,
      currency: 'USD',
      balance_after_minor: 0,
      counterparty_account_id: null,
      reverses: null,
      account_type: 'checking',
    },
  ]);
});

test('a currency that the bank does not have is a fault, also where no amount is told', () => {
  expect(() => aboutClosing({ ...accountClosed.example, currency: 'XXX' })).toThrow('Invalid option');
});

test("a customer's entry without a balance is a fault", () => {
  expect(() => aboutTransaction(transaction('deposit', 'USD', cash(-5), [1, 11, 5, null]))).toThrow(
    'lacks its balance',
  );
});
