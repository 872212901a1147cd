// A bank for the ledger's tests: every function in this process, and two copies of some as processes of their own beside it.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll } from 'vitest';
import type { DatabaseAddresses } from '../../../platform/local/databases.ts';
import type { Account } from '../../shared/contract/account.ts';
import { functionNames } from '../../shared/process/load-functions.ts';
import type { Transaction } from '../../shared/contract/transaction.ts';
import {
  givenIssuer,
  startBank,
  startFunctionProcess,
  type Answer,
  type FunctionProcess,
  type TestBank,
  type TestBankParts,
} from '../../shared/testing/harness.ts';
import type { Issuer } from '../../shared/testing/issuer.ts';
import { givenDatabases } from '../../shared/testing/postgres.ts';

/** What money functions answer: a transaction, or the problem that says why not. */
export type Booked = Answer<Transaction & { code: string; detail: string }>;

/** Sends a command to a money function; without `key` the request has none. */
export type Send = (body: object, key?: string) => Promise<Booked>;

export type LedgerBank = {
  bank: TestBank;
  issuer: Issuer;
  databases: DatabaseAddresses;
  /** The ledger's owner, who sees everything. */
  admin: pg.Pool;
  teller: string;
  givenUser: () => Promise<number>;
  /** An account of a new user unless `user_id` is given; in USD, empty, without overdraft unless said otherwise. */
  givenAccount: (
    parts?: Partial<Pick<Account, 'user_id' | 'balance' | 'currency' | 'overdraft_limit'>>,
  ) => Promise<Account>;
  balanceOf: (accountId: number) => Promise<number>;
};

const admins: pg.Pool[] = [];
afterAll(() => Promise.all(admins.splice(0).map((admin) => admin.end())));

export async function givenLedgerBank(config: TestBankParts['config'] = {}): Promise<LedgerBank> {
  const databases = await givenDatabases();
  const issuer = await givenIssuer();
  const admin = new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 2 });
  admins.push(admin);
  const bank = await startBank({ databases, issuer, functions: await functionNames(), config });
  const teller = await bank.tellerToken(900_000);

  const givenUser = async () => {
    const body = { name: 'Alice Johnson', email: `${randomUUID()}@example.com` };
    return (await created<{ id: number }>(bank.request('POST', '/users', { token: teller, body }))).id;
  };
  return {
    bank,
    issuer,
    databases,
    admin,
    teller,
    givenUser,
    async givenAccount(parts = {}) {
      const body = { user_id: parts.user_id ?? (await givenUser()), account_type: 'checking', ...parts };
      return created<Account>(bank.request('POST', '/accounts', { token: teller, body }));
    },
    async balanceOf(accountId) {
      return (await bank.request<Account>('GET', `/accounts/${accountId}`, { token: teller })).body.balance;
    },
  };
}

/** Two processes of one function on one database. `send` gives every request to the copy whose turn it is. */
export type Copies = { send: Send; processes: readonly [FunctionProcess, FunctionProcess] };

const routes = { deposit: '/deposits', withdraw: '/withdrawals', transfer: '/transfers' };

export async function givenTwoCopies(
  name: keyof typeof routes,
  { databases, issuer, teller }: LedgerBank,
  env: Record<string, string> = {},
): Promise<Copies> {
  const start = () => startFunctionProcess(name, { DATABASE_URL: databases.ledger.url, ...env }, { issuer });
  const processes = await Promise.all([start(), start()]);
  let turn = 0;
  return { processes, send: (body, key) => sendTo(processes[turn++ % 2]!, name, teller)(body, key) };
}

/** Sends to one process only. */
export function sendTo(process: FunctionProcess, name: keyof typeof routes, token: string): Send {
  return (body, key) =>
    process.request('POST', routes[name], {
      token,
      body,
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
}

/** Calls `work` for 0 to `count` - 1, all at once. */
export function atOnce<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}

/** How often each value comes: `{ 201: 10, 'insufficient_funds': 40 }`. */
export function tally(values: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

async function created<T>(answer: Promise<Answer<unknown>>): Promise<T> {
  const { status, body } = await answer;
  if (status !== 201) throw new Error(`expected 201, got ${status}: ${JSON.stringify(body)}`);
  return body as T;
}
