// Freezing, as tellers and customers see it.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { Account } from '../shared/contract/account.ts';
import type { AuditEntry } from '../shared/contract/audit.ts';
import type { Transaction } from '../shared/contract/transaction.ts';
import { givenIssuer, startBank, type Answer, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

type Body = Account & Transaction & { code: string };

let bank: TestBank;
let copy: TestBank;
let teller: string;
let owner: string;
const ownerId = 7;

beforeAll(async () => {
  const databases = await givenDatabases();
  const money = ['open-account', 'deposit', 'withdraw', 'transfer', 'reverse-transaction', 'close-account'];
  const functions = [...money, 'freeze-account', 'read-accounts', 'read-transactions'];
  const issuer = await givenIssuer();
  bank = await startBank({ databases, functions, issuer });
  copy = await startBank({ databases, functions, issuer });
  teller = await bank.tokenFor({ userId: 1, role: 'teller' });
  owner = await bank.tokenFor({ userId: ownerId });
});

const post = (
  path: string,
  body: object,
  token = teller,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> => bank.request<Body>('POST', path, { token, body, headers });
const told = ({ status, body }: Answer<Body>) => (status < 300 ? status : `${status} ${body.code}`);
async function givenAccount(balance = 100): Promise<number> {
  return (await post('/accounts', { user_id: ownerId, account_type: 'checking', balance }, owner)).body.id;
}
const freeze = (id: number, reason = 'Card stolen') => post(`/accounts/${id}/freeze`, { reason });
const unfreeze = (id: number, reason = 'Card found') => post(`/accounts/${id}/unfreeze`, { reason });
const read = async (id: number, query = '') =>
  (await bank.request<Account>('GET', `/accounts/${id}${query}`, { token: owner })).body;

test('no money leaves a frozen account, not even by a teller, what comes in is booked, and a reversal takes from it', async () => {
  const [id, other] = [await givenAccount(), await givenAccount()];
  const deposit = await post('/deposits', { account_id: id, amount: 10 }, owner);
  expect([told(await freeze(id)), (await read(id)).status]).toEqual([200, 'frozen']);

  for (const token of [owner, teller]) {
    expect(told(await post('/withdrawals', { account_id: id, amount: 1 }, token))).toBe('422 account_frozen');
    const transfer = { account_id: id, target_account_id: other, amount: 1 };
    expect(told(await post('/transfers', transfer, token))).toBe('422 account_frozen');
  }
  expect(told(await post('/deposits', { account_id: id, amount: 1 }, owner))).toBe(201);
  expect(told(await post('/transfers', { account_id: other, target_account_id: id, amount: 1 }, owner))).toBe(201);
  expect(told(await post(`/transactions/${deposit.body.id}/reversal`, { reason: 'Counterfeit' }))).toBe(201);
  expect((await read(id)).balance).toBe(102);

  expect(told(await unfreeze(id))).toBe(200);
  expect(told(await post('/withdrawals', { account_id: id, amount: 1 }, owner))).toBe(201);
  expect((await read(id)).status).toBe('open');
});

test('a frozen account is not closed, a closed one is not frozen, and neither is done twice', async () => {
  const id = await givenAccount(0);
  expect(told(await unfreeze(id))).toBe('409 not_frozen');
  expect(told(await freeze(id))).toBe(200);
  expect(told(await freeze(id))).toBe('409 already_frozen');
  const close = () => bank.request<Body>('DELETE', `/accounts/${id}`, { token: owner });
  expect(told(await close())).toBe('422 account_frozen');
  expect(told(await unfreeze(id))).toBe(200);
  expect(told(await close())).toBe(204);
  expect(told(await freeze(id))).toBe('422 account_closed');
  expect(told(await freeze(999_999))).toBe('404 account_not_found');
});

test('only tellers freeze, with a reason', async () => {
  const id = await givenAccount();
  expect(told(await post(`/accounts/${id}/freeze`, { reason: 'mine' }, owner))).toBe('403 forbidden');
  for (const body of [{}, { reason: '' }, { reason: '  ' }, { reason: 'x'.repeat(501) }, { reason: 'a\nb' }]) {
    expect(told(await post(`/accounts/${id}/freeze`, body))).toBe('422 validation_failed');
  }
  expect((await read(id)).status).toBe('open');
});

test('the same key freezes once and has the same answer, whatever happened since', async () => {
  const id = await givenAccount();
  const key = { 'idempotency-key': randomUUID() };
  const first = await post(`/accounts/${id}/freeze`, { reason: 'Once' }, teller, key);
  expect(told(await unfreeze(id))).toBe(200);
  const again = await post(`/accounts/${id}/freeze`, { reason: 'Once' }, teller, key);
  expect([again.status, again.body]).toEqual([200, first.body]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect((await read(id)).status).toBe('open');
  const other = await post(`/accounts/${id}/unfreeze`, { reason: 'Once' }, teller, key);
  expect(told(other)).toBe('422 idempotency_key_reused');
});

test('the audit trail says who froze and unfroze, and why; the past can still be read', async () => {
  const id = await givenAccount();
  const before = new Date().toISOString();
  await freeze(id, 'Card stolen');
  const between = new Date().toISOString();
  await unfreeze(id, 'Card found');
  const { body } = await bank.request<AuditEntry[]>('GET', `/audit/ledger?subject=accounts/${id}`, { token: teller });
  expect(
    body.map(({ act, actor_id, actor_role, reason, details }) => ({ act, actor_id, actor_role, reason, details })),
  ).toEqual(
    [
      ['account.unfrozen', 'Card found'],
      ['account.frozen', 'Card stolen'],
    ].map(([act, reason]) => ({ act, actor_id: 1, actor_role: 'teller', reason, details: { user_id: ownerId } })),
  );
  expect((await read(id, `?as_of=${before}`)).status).toBe('open');
  expect((await read(id, `?as_of=${between}`)).status).toBe('frozen');
});

test('an account that was frozen has another ETag, and the frozen ones can be listed', async () => {
  const id = await givenAccount();
  const etag = async () => (await bank.request('GET', `/accounts/${id}`, { token: owner })).headers.get('etag');
  const before = await etag();
  await freeze(id);
  expect(await etag()).not.toBe(before);
  const list = async (status: string) =>
    (await bank.request<Account[]>('GET', `/accounts?status=${status}&limit=1000`, { token: owner })).body.map(
      (a) => a.id,
    );
  expect(await list('frozen')).toContain(id);
  expect(await list('open')).toContain(id);
  await unfreeze(id);
  expect(await list('frozen')).not.toContain(id);
});

test('of withdrawals and a freeze that meet, none passes once the freeze is answered', async () => {
  const outcomes = new Set<string | number>();
  for (let round = 0; round < 20; round++) {
    const id = await givenAccount(3);
    const aheadMs = (round % 7) * 4 - 12;
    let isFrozen = false;
    const frozen = sleep(Math.max(0, aheadMs))
      .then(() => copy.request('POST', `/accounts/${id}/freeze`, { token: teller, body: { reason: 'Now' } }))
      .then(({ status }) => {
        expect(status).toBe(200);
        isFrozen = true;
      });
    const withdrawals = [0, 1, 2].map(async (i) => {
      await sleep(Math.max(0, -aheadMs) + i * 2);
      const askedAfter = isFrozen;
      const code = told(await post('/withdrawals', { account_id: id, amount: 1 }, owner));
      if (askedAfter) expect(code).toBe('422 account_frozen');
      return code;
    });
    await frozen;
    const left = (await read(id)).balance;
    const codes = await Promise.all(withdrawals);
    expect((await read(id)).balance, 'nothing left it after the answer').toBe(left);
    expect(3 - codes.filter((code) => code === 201).length).toBe(left);
    codes.forEach((code) => outcomes.add(code));
  }
  expect([...outcomes].sort()).toEqual([201, '422 account_frozen']);
});
