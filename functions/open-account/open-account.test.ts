// Whom an account is opened for, and who has to be asked about that: read-users is away here, as it is while it starts from zero.
import { beforeAll, expect, test } from 'vitest';
import type { Account } from '../shared/contract/account.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

let bank: TestBank;
let teller: string;
beforeAll(async () => {
  const config = { functionUrl: 'http://127.0.0.1:1/{function}' };
  bank = await startBank({ databases: await givenDatabases(), functions: ['open-account', 'close-account'], config });
  teller = await bank.tokenFor({ userId: 900, role: 'teller' });
});

const open = (token: string, userId: number) => {
  const body = { user_id: userId, account_type: 'checking' };
  return bank.request<Account & { code: string }>('POST', '/accounts', { token, body });
};

test('a customer opens an account of their own, and nobody is asked: the token says who they are', async () => {
  const alice = await bank.tokenFor({ userId: 1 });
  expect(await open(alice, 1)).toMatchObject({ status: 201, body: { user_id: 1 } });
  expect(await open(alice, 2)).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
});

test('a teller opens another account for whoever has had one, and nobody is asked', async () => {
  const bob = await bank.tokenFor({ userId: 2 });
  const { body: first } = await open(bob, 2);
  await bank.request('DELETE', `/accounts/${first.id}`, { token: bob });
  expect(await open(teller, 2)).toMatchObject({ status: 201, body: { user_id: 2 } });
});

test('for anybody else the users have to be asked, and are not guessed', async () => {
  expect(await open(teller, 3)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
});

test('a person who was removed opens nothing with a token that still lasts, nor does a teller for them', async () => {
  const carol = await bank.tokenFor({ userId: 4 });
  const { body: account } = await open(carol, 4);
  await bank.request('DELETE', `/accounts/${account.id}`, { token: carol });
  expect(await bank.environment.ledger.releaseUser(4)).toBe(0);
  for (const token of [carol, teller])
    expect(await open(token, 4)).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
});
