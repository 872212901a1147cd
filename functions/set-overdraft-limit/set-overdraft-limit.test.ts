// An overdraft limit that a teller changes.
import { beforeAll, expect, test } from 'vitest';
import type { Account } from '../shared/contract/account.ts';
import type { AuditEntry } from '../shared/contract/audit.ts';
import { startBank, type Answer, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

type Body = Account & { code: string };

let bank: TestBank;
let teller: string;
let owner: string;
beforeAll(async () => {
  const functions = ['open-account', 'withdraw', 'set-overdraft-limit', 'read-accounts', 'read-transactions'];
  bank = await startBank({ databases: await givenDatabases(), functions });
  teller = await bank.tokenFor({ userId: 1, role: 'teller' });
  owner = await bank.tokenFor({ userId: 7 });
});

const post = (path: string, body: object, token = teller) => bank.request<Body>('POST', path, { token, body });
const told = ({ status, body }: Answer<Body>) => (status < 300 ? status : `${status} ${body.code}`);
async function givenAccount(currency = 'USD'): Promise<number> {
  return (await post('/accounts', { user_id: 7, account_type: 'checking', currency, balance: 10 }, owner)).body.id;
}
const allow = (id: number, overdraft_limit: unknown, token = teller) =>
  post(`/accounts/${id}/overdraft-limit`, { overdraft_limit, reason: 'Salary comes in' }, token);
const withdraw = async (account_id: number, amount: number) =>
  told(await post('/withdrawals', { account_id, amount }, owner));

test('the limit holds from the next withdrawal on, and is never less than what is overdrawn', async () => {
  const id = await givenAccount();
  expect(await withdraw(id, 60)).toBe('422 insufficient_funds');
  const allowed = await allow(id, 50.5);
  expect(allowed.body).toMatchObject({
    id,
    balance: 10,
    overdraft_limit: 50.5,
    available_balance: 60.5,
    status: 'open',
  });
  expect(await withdraw(id, 60)).toBe(201);
  expect(told(await allow(id, 49.99))).toBe('422 overdraft_in_use');
  expect(told(await allow(id, 50))).toBe(200);
  expect(await withdraw(id, 0.01)).toBe('422 insufficient_funds');
});

test('only a teller allows, in amounts of the currency, with a reason', async () => {
  const id = await givenAccount('JPY');
  expect(told(await allow(id, 5, owner))).toBe('403 forbidden');
  expect(told(await allow(id, 0.5))).toBe('422 amount_invalid');
  expect(told(await allow(id, -1))).toBe('422 amount_invalid');
  expect(told(await allow(999_999, 1))).toBe('404 account_not_found');
  expect(told(await post(`/accounts/${id}/overdraft-limit`, { overdraft_limit: 5 }))).toBe('422 validation_failed');
  expect(told(await allow(id, 0))).toBe(200);
});

test('the audit trail has the limit before and after, and an account as it was has the limit it had', async () => {
  const id = await givenAccount();
  const limits = [20, 0, 7.25];
  const moments: string[] = [];
  for (const limit of limits) {
    moments.push(new Date().toISOString());
    await allow(id, limit);
  }
  const { body } = await bank.request<AuditEntry[]>('GET', `/audit/ledger?subject=accounts/${id}`, { token: teller });
  expect(body.map(({ details, reason }) => ({ ...details, reason }))).toEqual(
    [
      { before: 0, after: 7.25 },
      { before: 20, after: 0 },
      { before: 0, after: 20 },
    ].map((change) => ({ user_id: 7, currency: 'USD', ...change, reason: 'Salary comes in' })),
  );
  const limitThen = async (as_of: string) =>
    (await bank.request<Account>('GET', `/accounts/${id}?as_of=${as_of}`, { token: owner })).body.overdraft_limit;
  expect(await Promise.all(moments.map(limitThen))).toEqual([0, 20, 0]);
});
