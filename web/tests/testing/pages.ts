// Every page of the web UI as somebody may find it, for tests that look at all of them.
import type { Page } from '@playwright/test';
import type { Teller, TestedBank } from './bank.ts';

/** `who` is signed in; nobody on public pages. */
export type ShownPage = { name: string; path: string; who: 'nobody' | 'alice' | 'teller' };

type Account = { id: number; currency: string; account_type: string; status: string };

export async function listPages(bank: TestedBank, teller: Teller): Promise<ShownPage[]> {
  const alice = bank.customers.alice.userId;
  const accounts = await teller.ask<Account[]>('GET', `/accounts?user_id=${alice}`);
  const checking = accounts.find(({ currency, account_type }) => currency === 'USD' && account_type === 'checking');
  const closed = accounts.find(({ status }) => status === 'closed');
  if (!checking || !closed) throw new Error('the demo has given Alice no checking or no closed account');
  const transactions = await teller.transactionsOf(checking.id);
  const transfer = transactions.find(({ type }) => type === 'transfer');
  const reversed = transactions.find(({ reversed_by }) => reversed_by !== null);
  if (!transfer || !reversed) throw new Error('the demo has given Alice no transfer or nothing reversed');
  const ofNobody = { 'sign-in': '/sign-in', register: '/register', 'reset-password': '/reset-password' };
  const ofAlice = {
    dashboard: '/',
    account: `/accounts/${checking.id}`,
    'closed-account': `/accounts/${closed.id}`,
    'open-account': '/accounts/new',
    deposit: '/deposit',
    withdraw: '/withdraw',
    transfer: `/transfer?account=${checking.id}`,
    transaction: `/transactions/${transfer.id}`,
    receipt: `/transactions/${transfer.id}?receipt=transfer`,
    'reversed-transaction': `/transactions/${reversed.id}`,
    reversal: `/transactions/${reversed.reversed_by}`,
    statement: `/accounts/${checking.id}/statement`,
    'time-travel': `/accounts/${checking.id}/time-travel`,
    notifications: '/notifications',
    profile: '/profile',
    'not-found': '/no/such/page',
    'unknown-account': '/accounts/999999',
  };
  const ofTeller = {
    customers: '/customers',
    customer: `/customers/${alice}`,
    'new-customer': '/customers/new',
    'customer-account': `/accounts/${checking.id}`,
    'customer-new-account': `/accounts/new?customer=${alice}`,
    operations: '/operations',
    'teller-reversal': `/transactions/${reversed.reversed_by}`,
    'audit-trail': '/operations/audit',
    'audit-trail-of-customer': `/operations/audit?subject=users%2F${alice}`,
    'teller-profile': '/profile',
  };
  const of = (who: ShownPage['who'], pages: Record<string, string>): ShownPage[] =>
    Object.entries(pages).map(([name, path]) => ({ name, path, who }));
  return [...of('nobody', ofNobody), ...of('alice', ofAlice), ...of('teller', ofTeller)];
}

/** Resolves when the page has got what it asked for and stands still. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const isWaiting = document.querySelector('[aria-busy="true"], .skeleton, .charts-waiting') !== null;
    return document.querySelector('h1') !== null && !isWaiting;
  });
  await page.evaluate(async () => {
    await document.fonts.ready;
    const moving = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity);
    // One that is cut short, because its element went, has come to rest as well.
    await Promise.allSettled(moving.map((animation) => animation.finished));
  });
}
