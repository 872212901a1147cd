// What every test of the web UI has at hand: the bank, customers of its own, and a page that fails the test when it breaks.
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import type { Account } from '../../../functions/shared/contract/account.ts';
import type { Currency } from '../../../functions/shared/contract/money.ts';
import type { Transaction } from '../../../functions/shared/contract/transaction.ts';
import { ownPageHeader } from '../../../functions/shared/contract/headers.ts';
import type { OwnBank } from '../../../platform/bench/own-bank.ts';
import type { Demo } from '../../../platform/demo/add-demo.ts';
import { resolveBelowLocalhost } from './below-localhost.ts';
import { whatBroke } from './what-broke.ts';

export { expect };

resolveBelowLocalhost();

type Person = { name: string; email: string; password: string };
export type Customer = Person & { id: number; accounts: Account[] };
export type TestedBank = Omit<OwnBank, 'stop'> & Pick<Demo, 'customers'>;

type NewAccount = { account_type?: string; currency?: Currency; balance?: number; overdraft_limit?: number };

export type Teller = {
  /** Asks the API as the teller; throws what it refuses. */
  ask: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  /** A customer with accounts, whom no other test knows. */
  givenCustomer: (accounts?: NewAccount[], name?: string) => Promise<Customer>;
  transactionsOf: (accountId: number) => Promise<Transaction[]>;
  balanceOf: (accountId: number) => Promise<number>;
};

type Fixtures = {
  bank: TestedBank;
  teller: Teller;
  signIn: (who: Person, on?: BrowserContext | Page) => Promise<void>;
};

export const test = base.extend<Fixtures>({
  bank: async ({}, use) => {
    await use(JSON.parse(process.env['TESTED_BANK'] ?? '') as TestedBank);
  },

  /** The address that `npm start` tells people, while programs ask at `bank.origin`. */
  baseURL: async ({ bank }, use) => use(bank.origin.replace('localhost', 'microbank.localhost')),

  teller: async ({ bank }, use) => use(await createTeller(bank)),

  /** By the API rather than the form, which has its own tests. The cookie is the browser's, as after the form. */
  signIn: async ({ context }, use) => {
    await use(async ({ email, password }, on = context) => {
      const headers = { [ownPageHeader.name]: ownPageHeader.value, 'sec-fetch-site': 'same-origin' };
      const answer = await on.request.post('/api/web-sessions', { headers, data: { email, password } });
      expect(answer.status()).toBe(201);
    });
  },

  context: async ({ context }, use) => {
    const broken = whatBroke(context);
    await use(context);
    // A request still on its way through a test's handler would fail with the browser, between two tests, and end the run.
    for (const routed of [context, ...context.pages()]) await routed.unrouteAll({ behavior: 'ignoreErrors' });
    expect(broken()).toEqual([]);
  },
});

let customersMade = 0;

async function createTeller({ origin, teller }: TestedBank): Promise<Teller> {
  const { access_token } = await send<{ access_token: string }>(origin, 'POST', '/sessions', teller);
  const ask: Teller['ask'] = (method, path, body) => send(origin, method, path, body, access_token);
  return {
    ask,
    async givenCustomer(accounts = [{ balance: 1000 }], name = 'Carla Test') {
      customersMade += 1;
      const email = `customer-${process.pid}-${customersMade}-${Date.now()}@example.com`;
      const person = { name, email, password: 'four unrelated words do' };
      const { id } = await ask<{ id: number }>('POST', '/users', person);
      const opened: Account[] = [];
      for (const account of accounts) {
        opened.push(await ask<Account>('POST', '/accounts', { user_id: id, account_type: 'checking', ...account }));
      }
      return { ...person, id, accounts: opened };
    },
    transactionsOf: (accountId) => ask('GET', `/transactions?account_id=${accountId}&limit=1000`),
    balanceOf: async (accountId) => (await ask<Account>('GET', `/accounts/${accountId}`)).balance,
  };
}

async function send<T>(origin: string, method: string, path: string, body?: unknown, token?: string): Promise<T> {
  const answer = await fetch(`${origin}/api${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}
