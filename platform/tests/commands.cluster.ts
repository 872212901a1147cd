// Commands that are posted to the real Broker, as events with their sender's authority: done once, refused, or kept as a dead letter.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import type { DeadLetter } from '../../functions/operations/contract.ts';
import type { Account } from '../../functions/shared/contract/account.ts';
import { mustCreate } from '../traffic/customers.ts';
import { findBank, type TestedBank } from './testing/bank.ts';
import { note, seconds } from './testing/figures.ts';
import { portForward } from './testing/kubectl.ts';
import { psql } from './testing/psql.ts';

/** Five tries of the Trigger, of the function's start and of its dead letter's dispatcher. */
const patienceMs = 180_000;
const type = 'com.microbank.transfer.requested';
const source = '/tests/branch';

let bank: TestedBank;
let [from, to] = [0, 0];
beforeAll(async () => {
  bank = await findBank();
  const create = async <T>(path: string, body: object): Promise<T> =>
    mustCreate<T>(bank.api, { method: 'POST', path, token: await bank.teller.token(), body });
  const person = { name: 'Cora Command', email: `command-${randomUUID().slice(0, 8)}@example.com` };
  const { id } = await create<{ id: number }>('/users', person);
  const open = async (balance: number): Promise<number> =>
    (await create<Account>('/accounts', { user_id: id, account_type: 'checking', balance })).id;
  [from, to] = [await open(100), await open(0)];
});

type Asked = { id: string; data: object; trace: string };
const transferOf = (amount: number): Asked => ({
  id: randomUUID(),
  data: { account_id: from, target_account_id: to, amount },
  trace: randomUUID().replaceAll('-', ''),
});

async function authorityFor({ id, data }: Asked): Promise<string> {
  const body = { type, source, id, data };
  const request = { method: 'POST', path: '/command-authorities', token: await bank.teller.token(), body } as const;
  return (await mustCreate<{ authority: string }>(bank.api, request)).authority;
}

async function post({ id, data, trace }: Asked, authority?: string): Promise<void> {
  await using broker = await portForward('bank-broker-ingress', 80);
  const attributes = { specversion: '1.0', type, source, id, ...(authority !== undefined && { authority }) };
  const headers = {
    ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value])),
    'content-type': 'application/json',
    // By which the event that it causes is found.
    traceparent: `00-${trace}-b7ad6b7169203331-01`,
  };
  const answer = await fetch(broker.url, { method: 'POST', headers, body: JSON.stringify(data) });
  expect(answer.status).toBe(202);
}

type Outcome = { type: string; source: string; data: Record<string, unknown> };
async function outcomesOf({ trace }: Asked): Promise<Outcome[]> {
  const row = `json_build_object('type', type, 'source', source, 'data', data)`;
  const lines = await psql('ledger', `SELECT ${row} FROM outbox WHERE traceparent LIKE '00-${trace}-%'`);
  return lines.map((line) => JSON.parse(line) as Outcome);
}
const outcomeOf = async (asked: Asked): Promise<Outcome | undefined> => {
  await expect.poll(() => outcomesOf(asked), { timeout: patienceMs, interval: 1_000 }).toHaveLength(1);
  return (await outcomesOf(asked))[0];
};

async function get<T>(path: string): Promise<T> {
  const { status, body } = await bank.api.send({ method: 'GET', path, token: await bank.teller.token() });
  expect(status, path).toBe(200);
  return body as T;
}
const balances = async (): Promise<number[]> =>
  (await Promise.all([from, to].map((id) => get<Account>(`/accounts/${id}`)))).map(({ balance }) => balance);
const letterOf = async ({ id }: Asked): Promise<DeadLetter | undefined> => {
  const letters = await Promise.all(
    [true, false].map((verified) => get<DeadLetter[]>(`/operations/dead-letters?verified=${verified}&limit=1000`)),
  );
  return letters.flat().find(({ event_id }) => event_id === id);
};

test('a transfer ends as one transfer that both accounts are told of, however often it is posted', async () => {
  const asked = transferOf(30);
  const authority = await authorityFor(asked);
  const began = performance.now();
  await post(asked, authority);
  await post(asked, authority);
  const outcome = await outcomeOf(asked);
  await note('commands', 'transfer.requested until transaction.completed', seconds(performance.now() - began));
  expect(outcome).toMatchObject({
    type: 'com.microbank.transaction.completed',
    source: '/microbank/transfer',
    data: { account_id: from, target_account_id: to, amount: 30 },
  });
  const told = `SELECT account_id FROM notification WHERE transaction_id = ${Number(outcome?.data['transaction_id'])}`;
  await expect
    .poll(() => psql('notifications', `${told} ORDER BY account_id`), { timeout: patienceMs, interval: 1_000 })
    .toEqual([String(from), String(to)]);
  // The second copy is behind the first in the same queue; the third shows that it was answered.
  const last = transferOf(1);
  await post(last, await authorityFor(last));
  await outcomeOf(last);
  expect(await balances()).toEqual([69, 31]);
});

test('what the bank says no to ends as the event that says so, and moves nothing', async () => {
  const [asked, before] = [transferOf(5_000), await balances()];
  await post(asked, await authorityFor(asked));
  expect(await outcomeOf(asked)).toMatchObject({
    type: 'com.microbank.transaction.refused',
    data: { code: 'insufficient_funds', command_id: asked.id, command_source: source },
  });
  expect(await balances()).toEqual(before);
});

test('without authority it is never done, and kept as a dead letter that holds none', async () => {
  const [bare, other, before] = [transferOf(2), transferOf(2), await balances()];
  const stolen = await authorityFor(bare);
  await post(bare);
  await post(other, stolen);
  for (const asked of [bare, other]) {
    await expect.poll(() => letterOf(asked), { timeout: patienceMs, interval: 3_000 }).toBeDefined();
    expect(await outcomesOf(asked)).toEqual([]);
  }
  expect(JSON.stringify(await letterOf(other))).not.toContain(stolen);
  expect(await balances()).toEqual(before);
});
