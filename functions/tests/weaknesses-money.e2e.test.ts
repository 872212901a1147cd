// Money that the original system created or lost (S1 to S4, S7 to S9), asked of two copies of each function over one database.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Account } from '../shared/contract/account.ts';
import {
  atOnce,
  givenLedgerBank,
  givenTwoCopies,
  tally,
  type Booked,
  type Copies,
  type LedgerBank,
} from './testing/bank.ts';
import { expectSoundBooks } from './testing/books.ts';

let here: LedgerBank;
let deposit: Copies;
let withdraw: Copies;
let transfer: Copies;

beforeAll(async () => {
  here = await givenLedgerBank();
  [deposit, withdraw, transfer] = await Promise.all([
    givenTwoCopies('deposit', here),
    givenTwoCopies('withdraw', here),
    givenTwoCopies('transfer', here),
  ]);
});
afterEach(() => expectSoundBooks(here.admin));

const outcomeOf = ({ status, body }: Booked) => (status === 201 ? 201 : `${status} ${body.code}`);

test('S1: 200 concurrent deposits of 1 make exactly 200', async () => {
  const { id } = await here.givenAccount();
  const answers = await atOnce(200, () => deposit.send({ account_id: id, amount: 1 }));

  expect(tally(answers.map(outcomeOf))).toEqual({ 201: 200 });
  expect(await here.balanceOf(id)).toBe(200);
  // Each saw a balance of its own: none was computed from a stale one.
  const balances = answers.map(({ body }) => body.entries.find((entry) => entry.account_id === id)?.balance_after);
  expect(new Set(balances).size).toBe(200);
});

test('S2: of 50 concurrent withdrawals of 10 from 100 exactly 10 are paid out', async () => {
  const { id } = await here.givenAccount({ balance: 100 });
  const answers = await atOnce(50, () => withdraw.send({ account_id: id, amount: 10 }));

  expect(tally(answers.map(outcomeOf))).toEqual({ 201: 10, '422 insufficient_funds': 40 });
  expect(await here.balanceOf(id)).toBe(0);
});

test('S2: withdrawals and transfers at once cannot spend the same money', async () => {
  const [from, to] = [await here.givenAccount({ balance: 100 }), await here.givenAccount()];
  const answers = await atOnce(60, (i) =>
    i % 3 === 0
      ? transfer.send({ account_id: from.id, target_account_id: to.id, amount: 10 })
      : withdraw.send({ account_id: from.id, amount: 10 }),
  );
  expect(tally(answers.map(outcomeOf))).toEqual({ 201: 10, '422 insufficient_funds': 50 });
  expect(await here.balanceOf(from.id)).toBe(0);
});

test('S3: 300 concurrent transfers among 5 accounts keep the total', async () => {
  const accounts = await atOnce(5, () => here.givenAccount({ balance: 1000 }));
  const answers = await atOnce(300, (i) =>
    transfer.send({
      account_id: accounts[i % 5]!.id,
      target_account_id: accounts[(i + 1 + (Math.floor(i / 5) % 4)) % 5]!.id,
      amount: 1 + (i % 97),
    }),
  );
  expect(tally(answers.map(outcomeOf))).toEqual({ 201: 300 });
  expect(await totalOf(accounts)).toBe(5000);
});

test('S3: opposite transfers under load meet no deadlock', async () => {
  const [a, b] = [await here.givenAccount({ balance: 1000 }), await here.givenAccount({ balance: 1000 })];
  const answers = await atOnce(300, (i) => {
    const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
    return transfer.send({ account_id: from.id, target_account_id: to.id, amount: 3 });
  });
  expect(tally(answers.map(outcomeOf))).toEqual({ 201: 300 });
  expect([await here.balanceOf(a.id), await here.balanceOf(b.id)]).toEqual([1000, 1000]);
  const { rows } = await here.admin.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  expect(rows).toEqual([{ deadlocks: '0' }]);
});

test('S4: a transfer to the same account is refused and destroys nothing', async () => {
  const { id } = await here.givenAccount({ balance: 100 });
  const answers = await atOnce(10, () => transfer.send({ account_id: id, target_account_id: id, amount: 30 }));

  expect(tally(answers.map(outcomeOf))).toEqual({ '422 same_account': 10 });
  expect(await here.balanceOf(id)).toBe(100);
});

test('S7: 100 parallel requests with one key have one effect and one body', async () => {
  const { id } = await here.givenAccount();
  const key = randomUUID();
  const answers = await atOnce(100, () => deposit.send({ account_id: id, amount: 5 }, key));

  expect(tally(answers.map(outcomeOf))).toEqual({ 201: 100 });
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(99);
  expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1);
  expect(await here.balanceOf(id)).toBe(5);
});

test('S7: a refusal is replayed as well, also when it would pass by now', async () => {
  const { id } = await here.givenAccount();
  const key = randomUUID();
  const withdrawal = () => withdraw.send({ account_id: id, amount: 5 }, key);
  expect(outcomeOf(await withdrawal())).toBe('422 insufficient_funds');
  await deposit.send({ account_id: id, amount: 5 });

  const again = await withdrawal();
  expect(outcomeOf(again)).toBe('422 insufficient_funds');
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await here.balanceOf(id)).toBe(5);
});

test('S7: the same key with another body is refused, whichever copy gets it', async () => {
  const { id } = await here.givenAccount();
  const key = randomUUID();
  const first = await deposit.send({ account_id: id, amount: 5 }, key);

  const others = await atOnce(10, (i) => deposit.send({ account_id: id, amount: 6 + i }, key));
  expect(tally(others.map(outcomeOf))).toEqual({ '422 idempotency_key_reused': 10 });
  expect((await deposit.send({ amount: 5, account_id: id }, key)).body).toEqual(first.body);
  expect(await here.balanceOf(id)).toBe(5);
});

test('S8: ten deposits of 0.10 are 1.00 and can be withdrawn as 1.00', async () => {
  const { id } = await here.givenAccount();
  await atOnce(10, () => deposit.send({ account_id: id, amount: 0.1 }));
  expect(await here.balanceOf(id)).toBe(1);

  const { status, body } = await withdraw.send({ account_id: id, amount: 1.0 });
  expect([status, body.entries]).toEqual([
    201,
    [
      { account_id: id, amount: -1, balance_after: 0 },
      { account_id: -840, amount: 1, balance_after: null },
    ],
  ]);
});

test.each([
  ['USD', 0.001],
  ['USD', 0.1 + 0.2],
  ['JPY', 0.5],
  ['KWD', 0.0001],
] as const)('S9: %s cannot hold an amount of %d, so it is refused', async (currency, amount) => {
  const { id } = await here.givenAccount({ currency });
  expect(outcomeOf(await deposit.send({ account_id: id, amount }))).toBe('422 amount_invalid');
  expect(await here.balanceOf(id)).toBe(0);
});

test('S9: an account has a currency, and money does not change it on the way', async () => {
  const [dollars, dinars] = [await here.givenAccount({ balance: 10 }), await here.givenAccount({ currency: 'KWD' })];
  const sent = { account_id: dollars.id, target_account_id: dinars.id, amount: 1 };
  expect(outcomeOf(await transfer.send(sent))).toBe('422 payee_cannot_receive');
  expect((await deposit.send({ account_id: dinars.id, amount: 1.234 })).body.currency).toBe('KWD');
});

async function totalOf(accounts: readonly Account[]): Promise<number> {
  return (await Promise.all(accounts.map(({ id }) => here.balanceOf(id)))).reduce((sum, balance) => sum + balance, 0);
}
