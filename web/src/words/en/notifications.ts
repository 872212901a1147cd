// What is said when somebody is told of what happened, in English.
import type { NotificationKind } from '../../../../functions/shared/contract/notification.ts';

export const notifications = {
  notifications: {
    title: 'Notifications',
    unreadOnly: 'Unread only',
    markAll: 'Mark all as read',
    markRead: 'Mark as read',
    remove: 'Delete',
    nothing: 'Nothing to tell you yet',
    nothingText: 'As soon as something happens to your accounts, you read it here, without reloading.',
    nothingUnread: 'You have read everything',
    unread: 'Unread',
    kinds: {
      deposit: 'Deposit',
      withdrawal: 'Withdrawal',
      transfer_out: 'Transfer sent',
      transfer_in: 'Money received',
      reversal: 'Reversal',
      account_opened: 'Account opened',
      account_closed: 'Account closed',
    } satisfies Record<NotificationKind, string>,
    toldDeposit: (amount: string) => `You deposited ${amount}.`,
    toldWithdrawal: (amount: string) => `You withdrew ${amount}.`,
    toldTransferOut: (amount: string, to: number) => `You transferred ${amount} to account ${to}.`,
    toldTransferIn: (amount: string, from: number) => `You received ${amount} from account ${from}.`,
    toldReturned: (transaction: number, amount: string) =>
      `Transaction ${transaction} was reversed: ${amount} was returned to you.`,
    toldTakenBack: (transaction: number, amount: string) =>
      `Transaction ${transaction} was reversed: ${amount} was taken back.`,
    toldBalance: (account: number, balance: string) => `New balance of account ${account}: ${balance}.`,
    toldOpened: (account: number, type: string, balance: string) =>
      `Your account ${account} (${type}) is open. Balance: ${balance}.`,
    toldClosed: (account: number, type: string) => `Your account ${account} (${type}) is closed.`,
  },
};
