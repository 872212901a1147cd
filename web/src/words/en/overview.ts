// What is said of somebody’s money at a glance, in English.
import { plural } from '../plural.ts';

export const overview = {
  dashboard: {
    hello: (name: string) => `Hello, ${name}`,
    total: 'Your money',
    available: (amount: string) => `${amount} available`,
    accounts: 'Accounts',
    openAccount: 'Open an account',
    latest: 'Latest transactions',
    balance: 'Balance over 90 days',
    flow: 'In and out by week',
    income: 'In',
    spending: 'Out',
    week: 'Week of',
    noAccounts: 'You have no account yet',
    noAccountsText: 'Open one in a few seconds: checking, savings or business, in eight currencies.',
    noTransactions: 'No transactions yet',
    noTransactionsText: 'Deposit some money, and it will show up here.',
    unread: 'Unread notifications',
    seeAll: 'See all',
    currency: 'Currency',
    closedAccounts: (count: number) => plural(count, 'closed account', 'closed accounts'),
  },
};
