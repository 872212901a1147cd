// A teller who is removed while they reverse: the reversal comes before the removal, or not at all, whatever their token says.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { Account } from '../shared/contract/account.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

let bank: TestBank;
let teller: string;
let account: Account;
beforeAll(async () => {
  // Without sign-in nobody hears that sessions ended: what is refused here is refused in the commit itself.
  const functions = ['register-user', 'remove-user', 'read-users', 'close-account', 'open-account', 'deposit'];
  bank = await startBank({ databases: await givenDatabases(), functions: [...functions, 'reverse-transaction'] });
  teller = await bank.tellerToken();
  const person = { name: 'Alice', email: 'alice@example.com' };
  const { id: user_id } = await create<{ id: number }>('/users', person);
  // Who can sign in, so that no other teller is the last.
  await create('/users', {
    name: 'Stayer',
    email: 'stayer@example.com',
    role: 'teller',
    password: 'four unrelated words do',
  });
  account = await create<Account>('/accounts', { user_id, account_type: 'checking' });
});

async function create<T>(path: string, body: object): Promise<T> {
  const answer = await bank.request<T>('POST', path, { token: teller, body });
  expect([path, answer.status]).toEqual([path, 201]);
  return answer.body;
}
const deposit = async () => (await create<{ id: number }>('/deposits', { account_id: account.id, amount: 5 })).id;
const reverse = async (id: number, token: string) => {
  const body = { reason: 'Booked twice' };
  return (await bank.request('POST', `/transactions/${id}/reversal`, { token, body })).status;
};

test('a reversal by a teller who is removed meanwhile comes first, or is refused; none comes afterwards', async () => {
  const outcomes: number[] = [];
  for (let round = 0; round < 12; round++) {
    const id = 1_000 + round;
    const leaver = await bank.tellerToken(id);
    const [meant, late] = [await deposit(), await deposit()];
    const [reversed, removed] = await Promise.all([
      // Ahead of the removal or after it, so that each comes first sometimes.
      sleep((round % 6) * 8).then(() => reverse(meant, leaver)),
      bank.request('DELETE', `/users/${id}`, { token: teller }).then(({ status }) => status),
    ]);
    expect(removed).toBe(204);
    outcomes.push(reversed);
    expect([201, 401, 403]).toContain(reversed);
    expect([401, 403]).toContain(await reverse(late, leaver));
  }
  expect(outcomes.length).toBe(12);
});
