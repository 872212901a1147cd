// `npm run demo` against a bank that `npm start` runs: what it makes.
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Account } from '../../functions/shared/contract/account.ts';
import type { Notification } from '../../functions/shared/contract/notification.ts';
import type { Transaction } from '../../functions/shared/contract/transaction.ts';
import type { User } from '../../functions/shared/contract/user.ts';
import { listAll } from '../traffic/bank-api.ts';
import { addDemo, type Demo } from './add-demo.ts';
import { get, queryOf, runDemo, startBank, type Running } from './testing/demo-bank.ts';

const temporary = await mkdtemp(join(tmpdir(), 'microbank-demo-'));
await chmod(temporary, 0o711);
const data = join(temporary, 'data');
afterAll(async () => rm(temporary, { recursive: true, force: true }));

const minute = { timeout: 60_000 };
const dayMs = 86_400_000;
const today = new Date();

let demo: Demo;

test('gives customers a history of the past 90 days, with balanced books', minute, async () => {
  const running = await startBank(data);
  const said: string[] = [];
  demo = await addDemo({ bank: running.bank, seed: 1, today, say: (line) => said.push(line) });
  expect(demo.isNew).toBe(true);
  expect(said[0]).toMatch(/^Alice Johnson: \d+ transactions on 5 accounts/);

  const operations = await get<{ books: { sum: number }[]; events_owed: number }>(running, '/operations');
  expect(operations.books.filter(({ sum }) => sum !== 0)).toEqual([]);
  expect(operations.events_owed).toBe(0);
  const accounts = await get<Account[]>(running, '/accounts');
  expect(new Set(accounts.map(({ currency }) => currency))).toEqual(new Set(['USD', 'EUR', 'JPY', 'KWD']));
  expect(accounts.filter(({ status }) => status === 'closed')).toHaveLength(1);
  for (const account of accounts) await checkHistory(running, account);
  const users = new Map((await get<User[]>(running, '/users')).map((user) => [user.id, user]));
  for (const { user_id, opened_at } of accounts) {
    expect(Date.parse(users.get(user_id)?.registered_at ?? '')).toBeLessThanOrEqual(Date.parse(opened_at));
  }
});

/** Newest first, each balance follows from the one before, and the last is the account's. */
async function checkHistory({ api, teller }: Running, account: Account): Promise<void> {
  const path = `/transactions?account_id=${account.id}&limit=1000`;
  const history = (await listAll<Transaction>(api, teller, path)).reverse();
  let balance = 0;
  for (const { entries } of history) {
    const own = entries.find(({ account_id }) => account_id === account.id);
    balance = Number((balance + (own?.amount ?? NaN)).toFixed(3));
    expect(own?.balance_after).toBe(balance);
    expect(balance).toBeGreaterThanOrEqual(-account.overdraft_limit);
  }
  expect(account.balance).toBe(balance);
  expect(account.version).toBe(history.length);
  const moments = history.map(({ timestamp }) => Date.parse(timestamp));
  expect(moments).toEqual([...moments].sort((a, b) => a - b));
  expect(moments.at(-1)).toBeLessThan(today.getTime());
  expect(moments[0]).toBe(Date.parse(account.opened_at));
  expect(moments[0]).toBeGreaterThan(today.getTime() - 92 * dayMs);
  if (account.overdraft_limit > 0) expect(moments[0]).toBeLessThan(today.getTime() - 90 * dayMs);
}

test('adds nothing a second time, and says where the passwords are', minute, async () => {
  const running = await startBank(data);
  const before = await get<Account[]>(running, '/accounts');
  const { code, output } = await runDemo({ MICROBANK_DATA: data }, '--seed', '2');
  expect(output).toContain(`The demo was there already, nothing was added. Emails and passwords: ${data}/demo.json`);
  expect(output).not.toContain(demo.customers.alice.password);
  expect(code).toBe(0);
  expect(await get<Account[]>(running, '/accounts')).toEqual(before);
});

test('lets Alice sign in and find an inbox of its time, read up to the last three days', minute, async () => {
  const { bank, api, tokenOf } = await startBank(data);
  expect((await stat(demo.file)).mode & 0o777).toBe(0o600);
  const { alice } = JSON.parse(await readFile(demo.file, 'utf8')) as Record<string, object>;
  const token = await tokenOf(alice!);
  const inbox = await listAll<Notification>(api, token, '/notifications?limit=1000');
  expect(inbox.length).toBeGreaterThan(150);
  expect(inbox.some(({ read }) => !read)).toBe(true);
  for (const { timestamp, read } of inbox) expect(read).toBe(Date.parse(timestamp) < today.getTime() - 3 * dayMs);
  const stray = 'SELECT id FROM notification WHERE created_at <> booked_at';
  expect(await queryOf(bank.databases.notifications.adminUrl, stray)).toEqual([]);
});

test('leaves the bank its own clock, and nothing of ours in the ledger', minute, async () => {
  const running = await startBank(data);
  const [account] = await get<Account[]>(running, '/accounts');
  const body = { account_id: account!.id, amount: 1 };
  const sent = Date.now();
  const deposit = await running.api.send({ method: 'POST', path: '/deposits', token: running.teller, body });
  const { timestamp } = deposit.body as Transaction;
  expect(Math.abs(Date.parse(timestamp) - sent)).toBeLessThan(5_000);
  const schemas = `SELECT nspname FROM pg_namespace WHERE nspname = 'past'`;
  expect(await queryOf(running.bank.databases.ledger.adminUrl, schemas)).toEqual([]);
});
