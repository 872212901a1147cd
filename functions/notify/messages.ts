// What each event tells the customers it concerns. Next in the story: functions/notify/notify.ts writes it.
import type * as z from 'zod';
import type { accountClosed } from '../../eventing/events/account-closed.ts';
import type { accountOpened } from '../../eventing/events/account-opened.ts';
import type { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import { currencySchema, type Currency } from '../shared/contract/money.ts';
import type { NotificationKind } from '../shared/contract/notification.ts';
import { formatAmount, toMinor } from './format-amount.ts';

type TransactionCompleted = z.infer<typeof transactionCompleted.data>;
type AccountOpened = z.infer<typeof accountOpened.data>;
type AccountClosed = z.infer<typeof accountClosed.data>;

/** One thing to tell one customer. The names are those of the table's columns. */
export type Message = {
  user_id: number;
  kind: NotificationKind;
  message: string;
  transaction_id: number | null;
  account_id: number;
  /** What came to the account, negative what left it; null where the account itself is told of. */
  amount_minor: number | null;
  currency: Currency;
  balance_after_minor: number;
  /** The other customer's account; null when it was cash. */
  counterparty_account_id: number | null;
  /** The transaction that a reversal undid. */
  reverses: number | null;
  /** Where the account itself is told of. */
  account_type: string | null;
  /** When the ledger booked it, RFC 3339: the place in the lists. */
  booked_at: string;
};

/** One message for each customer's entry, in the order of the entries; system accounts have no user and get none. */
export function aboutTransaction(transaction: TransactionCompleted): Message[] {
  const { transaction_id, reverses, booked_at } = transaction;
  const currency = currencySchema.parse(transaction.currency);
  return transaction.entries.flatMap((entry) => {
    if (entry.user_id === null) return [];
    if (entry.balance_after === null) throw new Error(`an entry of account ${entry.account_id} lacks its balance`);

    const { kind, text } = describe(transaction, entry);
    return {
      user_id: entry.user_id,
      kind,
      message: `${text}. New balance: ${formatAmount(entry.balance_after, currency)}`,
      transaction_id,
      account_id: entry.account_id,
      amount_minor: toMinor(entry.amount, currency),
      currency,
      balance_after_minor: toMinor(entry.balance_after, currency),
      counterparty_account_id: counterpartyOf(entry, transaction),
      reverses,
      account_type: null,
      booked_at,
    };
  });
}

export function aboutOpening(opened: AccountOpened): Message[] {
  const balance = formatAmount(opened.opening_balance, opened.currency);
  const message = `Account ${opened.account_id} (${opened.account_type}) opened. New balance: ${balance}`;
  const balance_after_minor = toMinor(opened.opening_balance, opened.currency);
  return [
    { kind: 'account_opened', message, balance_after_minor, booked_at: opened.opened_at, ...accountFacts(opened) },
  ];
}

export function aboutClosing(closed: AccountClosed): Message[] {
  const message = `Account ${closed.account_id} closed`;
  // Only an empty account can be closed.
  return [
    { kind: 'account_closed', message, balance_after_minor: 0, booked_at: closed.closed_at, ...accountFacts(closed) },
  ];
}

function accountFacts({ user_id, transaction_id, account_id, account_type, currency }: AccountOpened | AccountClosed) {
  return {
    user_id,
    transaction_id,
    account_id,
    account_type,
    currency: currencySchema.parse(currency),
    amount_minor: null,
    counterparty_account_id: null,
    reverses: null,
  };
}

type Entry = TransactionCompleted['entries'][number];

/** Null too where several others took part: none of them is the one. */
function counterpartyOf(entry: Entry, { entries }: TransactionCompleted): number | null {
  const others = entries.filter((other) => other !== entry);
  const [other] = others;
  return other && others.length === 1 && other.user_id !== null ? other.account_id : null;
}

function describe(transaction: TransactionCompleted, entry: Entry): { kind: NotificationKind; text: string } {
  const amount = formatAmount(Math.abs(entry.amount), transaction.currency);
  const received = entry.amount > 0;
  switch (transaction.type) {
    case 'deposit':
      return { kind: 'deposit', text: `Deposit of ${amount} completed` };
    case 'withdrawal':
      return { kind: 'withdrawal', text: `Withdrawal of ${amount} completed` };
    case 'transfer':
      return received
        ? { kind: 'transfer_in', text: `Received transfer of ${amount} from account ${transaction.account_id}` }
        : { kind: 'transfer_out', text: `Transfer of ${amount} to account ${transaction.target_account_id} completed` };
    case 'reversal': {
      const what = `Transaction ${transaction.reverses} reversed`;
      const how = received ? `${amount} returned to` : `${amount} taken back from`;
      return { kind: 'reversal', text: `${what}: ${how} account ${entry.account_id}` };
    }
  }
}
