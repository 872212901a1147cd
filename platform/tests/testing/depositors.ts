// Customers who pay in without a pause while something is done to the bank: each deposit has a key, and is sent again with it until it is confirmed.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../../../functions/shared/contract/account.ts';
import type { Transaction } from '../../../functions/shared/contract/transaction.ts';
import { listAll } from '../../traffic/bank-api.ts';
import { mustCreate } from '../../traffic/customers.ts';
import type { TestedBank } from './bank.ts';

const amount = 1;
/** Beyond that a deposit is lost. */
const patienceMs = 60_000;

export type Paid = {
  accountIds: number[];
  confirmed: number;
  /** Sent again after another answer than 201, or none. */
  sentAgain: number;
  /** In words: what was confirmed and is not there, or is there twice, or was never confirmed. */
  differences: string[];
};

export type Depositors = {
  /** Ends when the last has its answer, and says how the accounts are then. */
  stop: () => Promise<Paid>;
};

export async function startDepositors(bank: TestedBank, count: number): Promise<Depositors> {
  const create = async <T>(path: string, body: object): Promise<T> =>
    mustCreate<T>(bank.api, { method: 'POST', path, token: await bank.teller.token(), body });
  const person = { name: 'Dora Depositor', email: `depositor-${randomUUID().slice(0, 8)}@example.com` };
  const { id } = await create<{ id: number }>('/users', person);
  const accountIds: number[] = [];
  for (let i = 0; i < count; i++)
    accountIds.push((await create<Account>('/accounts', { user_id: id, account_type: 'checking' })).id);

  const stopping = new AbortController();
  let sentAgain = 0;
  const differences: string[] = [];
  const payIn = async (accountId: number): Promise<number[]> => {
    const booked: number[] = [];
    while (!stopping.signal.aborted) {
      const paid = await depositOnce(bank, accountId, () => sentAgain++);
      if (paid === undefined) differences.push(`a deposit into account ${accountId} was never confirmed`);
      else booked.push(paid);
    }
    return booked;
  };
  const paying = Promise.all(accountIds.map(payIn));
  return {
    async stop() {
      stopping.abort();
      const booked = await paying;
      for (const [index, accountId] of accountIds.entries())
        differences.push(...(await compare(bank, accountId, booked[index] ?? [])));
      return { accountIds, confirmed: booked.flat().length, sentAgain, differences };
    },
  };
}

/** The transaction's id; undefined when nobody confirmed it in time. */
async function depositOnce(
  { url, teller }: TestedBank,
  accountId: number,
  onAgain: () => void,
): Promise<number | undefined> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  const body = JSON.stringify({ account_id: accountId, amount });
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await sleep(100)) {
    const authorization = `Bearer ${await teller.token()}`;
    const request = {
      method: 'POST',
      headers: { ...headers, authorization },
      body,
      signal: AbortSignal.timeout(15_000),
    };
    const answer = await fetch(`${url}/api/deposits`, request).catch(() => undefined);
    if (answer?.status === 201) return ((await answer.json()) as Transaction).id;
    await answer?.body?.cancel();
    onAgain();
  }
  return undefined;
}

async function compare({ api, teller }: TestedBank, accountId: number, booked: readonly number[]): Promise<string[]> {
  const token = await teller.token();
  const listed = await listAll<Transaction>(api, token, `/transactions?account_id=${accountId}&limit=1000`);
  const deposits = new Set(listed.filter(({ type }) => type === 'deposit').map(({ id }) => id));
  const missing = booked.filter((id) => !deposits.has(id));
  return [
    ...missing.map((id) => `transaction ${id} was confirmed, and is not listed`),
    ...(deposits.size === booked.length && new Set(booked).size === booked.length
      ? []
      : [`${booked.length} deposits into account ${accountId} were confirmed, ${deposits.size} are booked`]),
  ];
}
