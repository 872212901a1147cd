// Cash of customers: closed, or so much a day; tellers always.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseAddresses } from '../../../platform/local/databases.ts';
import type { Account } from '../contract/account.ts';
import { startBank, type TestBank } from '../testing/harness.ts';
import { givenDatabases } from '../testing/postgres.ts';
import type { CashDesk } from './posting.ts';

let databases: DatabaseAddresses;
let admin: pg.Client;
beforeAll(async () => {
  databases = await givenDatabases();
  admin = new pg.Client({ connectionString: databases.ledger.adminUrl });
  await admin.connect();
});
afterAll(() => admin.end());

type Body = Account & { code: string };

function givenDesk(cashDesk: CashDesk | undefined) {
  let bank: TestBank;
  let tokens: Record<'owner' | 'teller', string>;
  beforeAll(async () => {
    const functions = ['open-account', 'deposit', 'withdraw', 'transfer', 'post-transaction', 'reverse-transaction'];
    // Not given at all: as a function is deployed unless somebody says otherwise.
    const config = { cashDesk } as { cashDesk: CashDesk };
    bank = await startBank({ databases, functions, config });
    tokens = { owner: await bank.tokenFor({ userId: 7 }), teller: await bank.tokenFor({ userId: 1, role: 'teller' }) };
  });
  const ask = async (path: string, body: object, as: 'owner' | 'teller' = 'owner') => {
    const answer = await bank.request<Body>('POST', path, { token: tokens[as], body });
    return { told: answer.status < 300 ? answer.status : `${answer.status} ${answer.body.code}`, id: answer.body.id };
  };
  return {
    ask,
    open: (balance = 0, as: 'owner' | 'teller' = 'owner', currency = 'USD') =>
      ask('/accounts', { user_id: 7, account_type: 'checking', balance, currency }, as),
    deposit: async (account_id: number, amount: number, as?: 'teller') =>
      (await ask('/deposits', { account_id, amount }, as)).told,
    withdraw: async (account_id: number, amount: number, as?: 'teller') =>
      (await ask('/withdrawals', { account_id, amount }, as)).told,
  };
}

describe('closed, as it is unless opened', () => {
  const desk = givenDesk(undefined);

  test('a customer opens an account with nothing in it, and pays neither in nor out', async () => {
    const { told, id } = await desk.open();
    expect(told).toBe(201);
    expect((await desk.open(1)).told).toBe('403 cash_desk_closed');
    expect(await desk.deposit(id, 1)).toBe('403 cash_desk_closed');
    expect(await desk.withdraw(id, 1)).toBe('403 cash_desk_closed');
    const transaction = { account_id: id, type: 'deposit', amount: 1 };
    expect((await desk.ask('/transactions', transaction)).told).toBe('403 cash_desk_closed');
  });

  test('a teller takes and gives cash, and customers transfer', async () => {
    const [{ id }, other] = [await desk.open(5, 'teller'), await desk.open()];
    expect([await desk.deposit(id, 5, 'teller'), await desk.withdraw(id, 1, 'teller')]).toEqual([201, 201]);
    const transfer = { account_id: id, target_account_id: other.id, amount: 9 };
    expect((await desk.ask('/transfers', transfer)).told).toBe(201);
  });
});

describe('open, up to 10,000 minor units a day', () => {
  const desk = givenDesk({ dailyLimitMinor: 10_000 });

  test('each way has its own limit, of each account, and what is refused does not count', async () => {
    const { id } = await desk.open(40);
    expect(await desk.deposit(id, 60.01)).toBe('422 cash_limit_exceeded');
    expect([await desk.deposit(id, 59), await desk.deposit(id, 1)]).toEqual([201, 201]);
    expect(await desk.deposit(id, 0.01)).toBe('422 cash_limit_exceeded');
    expect([await desk.withdraw(id, 60), await desk.withdraw(id, 40)]).toEqual([201, 201]);
    expect(await desk.deposit(id, 50, 'teller')).toBe(201);
    expect(await desk.withdraw(id, 0.01)).toBe('422 cash_limit_exceeded');
    expect([await desk.withdraw(id, 10, 'teller'), (await desk.open(100)).told]).toEqual([201, 201]);
    expect((await desk.open(100.01)).told).toBe('422 cash_limit_exceeded');
  });

  test('the next day begins with nothing used', async () => {
    const { id } = await desk.open(100);
    expect(await desk.deposit(id, 1)).toBe('422 cash_limit_exceeded');
    await admin.query('UPDATE account SET cash_day = cash_day - 1 WHERE id = $1', [id]);
    expect([await desk.deposit(id, 99), await desk.deposit(id, 2)]).toEqual([201, '422 cash_limit_exceeded']);
  });

  test('the limit is in minor units, so that it is about the same in dollars, yen and dinars', async () => {
    const [yen, dinars] = [await desk.open(0, 'owner', 'JPY'), await desk.open(0, 'owner', 'KWD')];
    expect([await desk.deposit(yen.id, 10_000), await desk.deposit(yen.id, 1)]).toEqual([
      201,
      '422 cash_limit_exceeded',
    ]);
    expect([await desk.deposit(dinars.id, 9.999), await desk.deposit(dinars.id, 0.002)]).toEqual([
      201,
      '422 cash_limit_exceeded',
    ]);
  });

  test('of deposits at once, in one group and by two copies, so many pass as fit', async () => {
    const { id } = await desk.open();
    const told = await Promise.all(Array.from({ length: 30 }, () => desk.deposit(id, 10)));
    expect(told.filter((one) => one === 201)).toHaveLength(10);
    expect(told.filter((one) => one === '422 cash_limit_exceeded')).toHaveLength(20);
  });
});
