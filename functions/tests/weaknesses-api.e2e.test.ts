// Ways around the ledger that the original system left open (S10 to S14), tried over the whole bank's API.
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Account } from '../shared/contract/account.ts';
import type { Transaction } from '../shared/contract/transaction.ts';
import { atOnce, givenLedgerBank, tally, type LedgerBank } from './testing/bank.ts';
import { audit, expectSoundBooks } from './testing/books.ts';

type Problem = { code: string; detail: string; errors?: { pointer: string }[] };

let here: LedgerBank;
beforeAll(async () => {
  here = await givenLedgerBank();
});
afterEach(() => expectSoundBooks(here.admin));

const ask = <T>(method: string, path: string, body?: unknown) =>
  here.bank.request<T>(method, path, { token: here.teller, body });

test.each(['PUT', 'PATCH'])('S10: nobody sets a balance by %s, and the answer says how money moves', async (method) => {
  const { id } = await here.givenAccount({ balance: 5 });
  const { digest } = await audit(here.admin);

  const { status, headers, body } = await ask<Problem>(method, `/accounts/${id}`, { balance: 1e9 });
  expect([status, body.code]).toEqual([405, 'method_not_allowed']);
  expect(body.detail).toContain('POST /transactions');
  expect(headers.get('allow')).toContain('GET');
  expect((await audit(here.admin)).digest).toBe(digest);
});

const poison = [
  'NaN',
  '"NaN"',
  '"Infinity"',
  '1e400',
  '-1e400',
  '-0',
  '1e15',
  '10000000000000.001',
  '"1,5"',
  '[1]',
  'null',
];

test.each(poison)('S11: %s never gets in as money, and every list still answers', async (text) => {
  const { id, user_id } = await here.givenAccount({ balance: 5 });
  const { digest } = await audit(here.admin);
  const attempts = [
    ['PUT', `/accounts/${id}`, `{"balance":${text}}`],
    ['POST', '/accounts', `{"user_id":${user_id},"account_type":"checking","balance":${text}}`],
    ['POST', '/accounts', `{"user_id":${user_id},"account_type":"checking","overdraft_limit":${text}}`],
    ['POST', '/deposits', `{"account_id":${id},"amount":${text}}`],
    ['POST', '/withdrawals', `{"account_id":${id},"amount":${text}}`],
    ['POST', '/transactions', `{"account_id":${id},"type":"deposit","amount":${text}}`],
  ] as const;

  for (const [method, path, body] of attempts) {
    const answer = await ask<Problem>(method, path, body);
    expect([400, 405, 422], `${method} ${path} ${body}`).toContain(answer.status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  }
  expect((await audit(here.admin)).digest).toBe(digest);
  for (const list of ['/accounts', '/transactions', `/accounts/${id}/statement`]) {
    expect((await ask('GET', list)).status, list).toBe(200);
  }
});

test('S12: an opening balance comes from somewhere: it is the first transaction of the account', async () => {
  const { id } = await here.givenAccount({ balance: 1000 });
  const { body } = await ask<Transaction[]>('GET', `/transactions?account_id=${id}`);
  expect(body).toMatchObject([
    {
      type: 'opening',
      amount: 1000,
      entries: [
        { account_id: -840, amount: -1000, balance_after: null },
        { account_id: id, amount: 1000, balance_after: 1000 },
      ],
    },
  ]);
});

test('S13: a transaction cannot be deleted; a reversal undoes it, once, and both stay in the history', async () => {
  const { id } = await here.givenAccount();
  const deposit = (await ask<Transaction>('POST', '/deposits', { account_id: id, amount: 50 })).body;

  const deletion = await ask<Problem>('DELETE', `/transactions/${deposit.id}`);
  expect([deletion.status, deletion.body.code]).toEqual([405, 'method_not_allowed']);
  expect(deletion.body.detail).toContain('/reversal');
  expect(await here.balanceOf(id)).toBe(50);

  const reversals = await atOnce(10, () => ask<Problem>('POST', `/transactions/${deposit.id}/reversal`, {}));
  expect(tally(reversals.map(({ status, body }) => (status === 201 ? 201 : body.code)))).toEqual({
    201: 1,
    already_reversed: 9,
  });
  expect(await here.balanceOf(id)).toBe(0);
  const { body: history } = await ask<Transaction[]>('GET', `/transactions?account_id=${id}`);
  expect(history.map(({ type, reverses }) => [type, reverses])).toEqual([
    ['reversal', deposit.id],
    ['deposit', null],
    ['opening', null],
  ]);
});

test('S14: a user with an open account cannot be removed; once it is empty and closed they can', async () => {
  const { id, user_id } = await here.givenAccount({ balance: 5 });
  const refused = await ask<Problem>('DELETE', `/users/${user_id}`);
  expect([refused.status, refused.body.code]).toEqual([409, 'user_has_open_accounts']);

  const tooFull = await ask<Problem>('DELETE', `/accounts/${id}`);
  expect([tooFull.status, tooFull.body.code]).toEqual([409, 'account_not_empty']);
  await ask('POST', '/withdrawals', { account_id: id, amount: 5 });
  expect((await ask('DELETE', `/accounts/${id}`)).status).toBe(204);
  expect((await ask('DELETE', `/users/${user_id}`)).status).toBe(204);
  expect((await ask('GET', `/users/${user_id}`)).status).toBe(404);
});

test('S14: an account that owes money cannot be closed', async () => {
  const { id } = await here.givenAccount({ overdraft_limit: 20 });
  await ask('POST', '/withdrawals', { account_id: id, amount: 20 });
  const { status, body } = await ask<Problem>('DELETE', `/accounts/${id}`);
  expect([status, body.code]).toEqual([409, 'account_not_empty']);
});

test('S14: whoever opens an account while they are being removed, nobody who is gone has an open account', async () => {
  const users = await atOnce(20, () => here.givenUser());
  const outcomes = await Promise.all(
    users.map(async (user_id, i) => {
      const body = { user_id, account_type: 'checking', balance: i % 2 };
      const removalFirst = i % 4 < 2 ? ask('DELETE', `/users/${user_id}`) : undefined;
      const opening = ask('POST', '/accounts', body);
      const removal = removalFirst ?? ask('DELETE', `/users/${user_id}`);
      return { user_id, opened: (await opening).status, removed: (await removal).status };
    }),
  );

  for (const { user_id, opened, removed } of outcomes) {
    expect(['201 409', '404 204'], `user ${user_id}`).toContain(`${opened} ${removed}`);
    const isThere = (await ask('GET', `/users/${user_id}`)).status === 200;
    expect(isThere).toBe(removed === 409);
    const { body: open } = await ask<Account[]>('GET', `/accounts?user_id=${user_id}&status=open`);
    expect(open, `user ${user_id}: opening ${opened}, removal ${removed}`).toHaveLength(opened === 201 ? 1 : 0);
    expect(isThere || open.length === 0).toBe(true);
  }
  const removed = await here.bank.environment.users.pool.query('SELECT id FROM bank_user WHERE removed_at IS NOT NULL');
  const open = 'SELECT id, user_id FROM account WHERE closed_at IS NULL AND user_id = ANY ($1)';
  expect((await here.admin.query(open, [removed.rows.map(({ id }) => String(id))])).rows).toEqual([]);
});

test('the receiver of a transfer sees it in their history, but not the balance of the sender', async () => {
  const [from, to] = [await here.givenAccount({ balance: 100 }), await here.givenAccount()];
  const sent = { account_id: from.id, type: 'transfer', target_account_id: to.id, amount: 10 };
  const transfer = (await ask<Transaction>('POST', '/transactions', sent)).body;

  const token = await here.bank.tokenFor({ userId: to.user_id });
  const { body } = await here.bank.request<Transaction[]>('GET', `/transactions?account_id=${to.id}`, { token });
  expect(body.map(({ id }) => id)[0]).toBe(transfer.id);
  expect(body[0]?.entries).toEqual([
    { account_id: from.id, amount: -10, balance_after: null },
    { account_id: to.id, amount: 10, balance_after: 10 },
  ]);
});
