// Checks the bank's books from outside, through the API alone: balances, transactions, and what customers were told.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../functions/shared/contract/account.ts';
import { currencyDigits, type Currency } from '../../functions/shared/contract/money.ts';
import type { Notification } from '../../functions/shared/contract/notification.ts';
import type { Transaction } from '../../functions/shared/contract/transaction.ts';
import { listAll, type BankApi } from './bank-api.ts';
import type { Cast, OwnAccount } from './customers.ts';

/** Events of a process that was killed are told by the relay, which wakes once a minute. */
const eventsMs = 90_000;
const lookEveryMs = 500;
const differencesMax = 20;

/**
 * What differs, in words; empty when all is well. `booked` are the transactions that the bank has confirmed to us: each must
 * be there. Waits for events that are still on their way.
 */
export async function checkBooks(
  api: BankApi,
  { teller, accounts }: Cast,
  booked: readonly Transaction[],
  waitMs: number = eventsMs,
): Promise<string[]> {
  const token = await teller.token();
  const transactions = new Map<number, Transaction>();
  const differences: string[] = [];
  for (const account of accounts) {
    const history = await listAll<Transaction>(api, token, `/transactions?account_id=${account.id}&limit=1000`);
    for (const transaction of history) transactions.set(transaction.id, transaction);
    const { body } = await api.send({ method: 'GET', path: `/accounts/${account.id}`, token });
    differences.push(...checkAccount(account, body as Account, history));
  }
  for (const transaction of transactions.values()) differences.push(...checkTransaction(transaction));
  for (const { id, amount } of booked) {
    const listed = transactions.get(id);
    if (listed?.amount !== amount)
      differences.push(`transaction ${id} of ${amount} was confirmed, but is not listed so`);
  }
  differences.push(...(await checkNotifications(api, token, accounts, transactions, waitMs)));
  return differences.length > differencesMax
    ? [...differences.slice(0, differencesMax), `and ${differences.length - differencesMax} more`]
    : differences;
}

/** Exact: wire amounts have at most 15 digits, so rounding finds the minor units that were meant. */
function minorOf(amount: number, currency: Currency): bigint {
  return BigInt(Math.round(amount * 10 ** currencyDigits[currency]));
}

function checkAccount({ id, currency }: OwnAccount, account: Account, history: readonly Transaction[]): string[] {
  const entries = history.flatMap((transaction) => transaction.entries.filter(({ account_id }) => account_id === id));
  const total = entries.reduce((sum, { amount }) => sum + minorOf(amount, currency), 0n);
  const [newest] = entries;
  return [
    ...(total === minorOf(account.balance, currency)
      ? []
      : [`account ${id} holds ${account.balance}, its entries add up to ${total} minor units`]),
    ...(newest === undefined || newest.balance_after === account.balance
      ? []
      : [`account ${id} holds ${account.balance}, its last entry says ${newest.balance_after}`]),
    ...(entries.length === account.version
      ? []
      : [`account ${id} has version ${account.version}, but ${entries.length} entries`]),
  ];
}

function checkTransaction({ id, currency, entries }: Transaction): string[] {
  const total = entries.reduce((sum, { amount }) => sum + minorOf(amount, currency), 0n);
  return total === 0n ? [] : [`the entries of transaction ${id} add up to ${total} minor units, not to zero`];
}

/** One notification for each entry of a customer of ours: not none, not two. */
async function checkNotifications(
  api: BankApi,
  token: string,
  accounts: readonly OwnAccount[],
  transactions: ReadonlyMap<number, Transaction>,
  waitMs: number,
): Promise<string[]> {
  const own = new Set(accounts.map(({ id }) => id));
  const expected = [...transactions.values()].flatMap(({ id, entries }) =>
    entries.filter(({ account_id }) => own.has(account_id)).map(({ account_id }) => `${id} for account ${account_id}`),
  );
  const until = performance.now() + waitMs;
  for (;;) {
    const told = new Map<string, number>();
    for (const userId of new Set(accounts.map((account) => account.userId))) {
      for (const { transaction_id, account_id } of await listAll<Notification>(
        api,
        token,
        `/notifications?user_id=${userId}&limit=1000`,
      )) {
        const about = `${transaction_id} for account ${account_id}`;
        told.set(about, (told.get(about) ?? 0) + 1);
      }
    }
    const missing = expected.filter((about) => !told.has(about));
    if (missing.length > 0 && performance.now() < until) {
      await sleep(lookEveryMs);
      continue;
    }
    return [
      ...missing.map((about) => `nobody was told of transaction ${about}`),
      ...[...told].filter(([, n]) => n > 1).map(([about, n]) => `transaction ${about} was told ${n} times`),
    ];
  }
}
