// What each event tells the customers it concerns. Next in the story: functions/notify/notify.ts writes it.
import type * as z from 'zod';
import type { accountClosed } from '../../eventing/events/account-closed.ts';
import type { accountOpened } from '../../eventing/events/account-opened.ts';
import type { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import type { NotificationKind } from '../shared/notification-contract.ts';
import { formatAmount } from './format-amount.ts';

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
  /** When the ledger booked it, RFC 3339: the place in the lists. */
  booked_at: string;
};

/** One message for each customer's entry, in the order of the entries; system accounts have no user and get none. */
export function aboutTransaction(transaction: TransactionCompleted): Message[] {
  return transaction.entries.flatMap((entry) => {
    if (entry.user_id === null) return [];
    if (entry.balance_after === null) throw new Error(`an entry of account ${entry.account_id} lacks its balance`);

    const { kind, text } = describe(transaction, entry);
    const balance = formatAmount(entry.balance_after, transaction.currency);
    const message = `${text}. New balance: ${balance}`;
    return {
      user_id: entry.user_id,
      kind,
      message,
      transaction_id: transaction.transaction_id,
      account_id: entry.account_id,
      booked_at: transaction.booked_at,
    };
  });
}

export function aboutOpening(opened: AccountOpened): Message[] {
  const balance = formatAmount(opened.opening_balance, opened.currency);
  const message = `Account ${opened.account_id} (${opened.account_type}) opened. New balance: ${balance}`;
  const { user_id, transaction_id, account_id, opened_at } = opened;
  return [{ user_id, kind: 'account_opened', message, transaction_id, account_id, booked_at: opened_at }];
}

export function aboutClosing(closed: AccountClosed): Message[] {
  const { user_id, transaction_id, account_id, closed_at } = closed;
  const message = `Account ${account_id} closed`;
  return [{ user_id, kind: 'account_closed', message, transaction_id, account_id, booked_at: closed_at }];
}

type Entry = TransactionCompleted['entries'][number];

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
        ? { kind: 'transfer_in', text: `Received ${amount} from account ${transaction.account_id}` }
        : { kind: 'transfer_out', text: `Transfer of ${amount} to account ${transaction.target_account_id} completed` };
    case 'reversal': {
      const what = `Transaction ${transaction.reverses} reversed`;
      const how = received ? `${amount} returned to` : `${amount} taken back from`;
      return { kind: 'reversal', text: `${what}: ${how} account ${entry.account_id}` };
    }
  }
}
