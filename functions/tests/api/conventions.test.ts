// What holds for all items: where it is, validators, times, and what others may not see.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Account } from '../../shared/contract/account.ts';
import type { Transaction } from '../../shared/contract/transaction.ts';
import { startWorld, type World } from './testing/people.ts';
import { send, type Seen } from './testing/send.ts';

let world: World;
let api: string;
let account: Account;
beforeAll(async () => {
  world = await startWorld();
  api = `${world.bank.origin}/api`;
  account = await world.bank.givenAccount(world.alice, { balance: 100 });
  for (let i = 1; i <= 7; i++) await world.bank.givenDeposit(account.id, i, { description: `number ${i}` });
});

const asAlice = (line: string, headers: Record<string, string> = {}) =>
  send(api, line, { token: world.alice.token, headers });
const idsOf = ({ body }: Seen) => (body as { id: number }[]).map(({ id }) => id);

test('what was created is at its Location, under /api', async () => {
  for (const line of [
    'POST /users {"name":"Carol","email":"<new email>"}',
    'POST /accounts {"user_id":<alice>,"account_type":"savings","balance":5}',
    'POST /deposits {"account_id":<account>,"amount":5}',
    'POST /withdrawals {"account_id":<account>,"amount":5}',
    `POST /transfers {"account_id":<account>,"amount":5,"target_account_id":<bob's account>}`,
    'POST /transactions {"account_id":<account>,"type":"deposit","amount":5}',
    'POST /transactions/<new transaction>/reversal {"reason":"Mistake"}',
  ]) {
    const token = world.bank.teller.token;
    const created = await world.ask(line, token);
    const { id } = created.body as { id: number };
    const location = created.headers.get('location') ?? '';
    expect([line, created.status, location]).toEqual([
      line,
      201,
      expect.stringMatching(new RegExp(`^/api/[a-z]+/${id}$`)),
    ]);
    const found = await send(world.bank.origin, `GET ${location}`, { token });
    expect(found.body).toEqual({
      ...(created.body as object),
      ...('entries' in (found.body as object) && { entries: expect.any(Array) as object }),
    });
  }
});

test('an account that has not changed is 304, and a change of its balance changes the ETag', async () => {
  const path = `GET /accounts/${account.id}`;
  const etag = (await asAlice(path)).headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[^"]+"$/);
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await asAlice(path, { 'if-none-match': known });
    expect([known, answer.status, answer.text, answer.headers.get('etag')]).toEqual([known, 304, '', etag]);
  }
  await world.bank.givenDeposit(account.id, 1);
  const changed = await asAlice(path, { 'if-none-match': etag });
  expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false]);
  expect((await send(api, path, { token: world.mallory.token, headers: { 'if-none-match': '*' } })).status).toBe(404);
});

test('a balance as of a moment is what it was then', async () => {
  const deposits = (await asAlice(`GET /transactions?account_id=${account.id}&limit=1000`)).body as Transaction[];
  for (const { timestamp, entries } of deposits) {
    const then = (await asAlice(`GET /accounts/${account.id}?as_of=${timestamp}`)).body as Account;
    expect(then.balance).toBe(entries.find(({ account_id }) => account_id === account.id)?.balance_after);
  }
  expect((await asAlice(`GET /accounts/${account.id}?as_of=2026-01-01T00:00:00Z`)).told).toBe('404 account_not_found');
});

test('times are RFC 3339 in UTC, everywhere', async () => {
  for (const path of ['/transactions', '/notifications', '/users', '/accounts', `/accounts/${account.id}/statement`]) {
    const { text } = await send(api, `GET ${path}`, { token: world.bank.teller.token });
    const times = [...text.matchAll(/"(?:timestamp|\w+_at|from|to)":"([^"]*)"/g)].map(([, time]) => time);
    expect(times.length, path).toBeGreaterThan(0);
    for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/);
  }
});

describe('a transfer', () => {
  let transfer: Transaction;
  let sent: Seen;
  let to: number;
  beforeAll(async () => {
    to = Number(await world.given["mallory's account"]?.());
    await world.bank.givenDeposit(to, 4321.09);
    sent = await asAlice(`POST /transfers {"account_id":${account.id},"target_account_id":${to},"amount":10}`);
    transfer = sent.body as Transaction;
  });

  test("is in both histories, and nobody sees the other's balance", async () => {
    const lines = [`GET /transactions/${transfer.id}`, '"GET /transactions?limit=5"'.slice(1, -1)];
    for (const line of lines) {
      expect((await asAlice(line)).text).not.toContain('4331.09');
      const received = await send(api, line, { token: world.mallory.token });
      expect(received.text).toContain('4331.09');
      const found = [received.body].flat().find((item) => (item as Transaction).id === transfer.id) as Transaction;
      expect(found.entries).toEqual([
        { account_id: account.id, amount: -10, balance_after: null },
        { account_id: to, amount: 10, balance_after: 4331.09 },
      ]);
    }
    expect(sent.text).not.toContain('4331.09');
    expect(idsOf(await send(api, `GET /transactions?account_id=${to}`, { token: world.mallory.token }))).toContain(
      transfer.id,
    );
  });

  test('is told to each in their own words', async () => {
    await world.settled();
    const told = async (token: string) => (await send(api, 'GET /notifications?limit=1', { token })).text;
    expect(await told(world.alice.token)).not.toContain('4331.09');
    expect(await told(world.mallory.token)).toContain('4331.09');
    expect(await told(world.mallory.token)).not.toMatch(/Alice|New balance: \$(?!4331\.09)/);
  });
});

test('a statement is a file that a spreadsheet opens and does not run', async () => {
  await asAlice(
    `POST /deposits {"account_id":${account.id},"amount":0.5,"description":"=HYPERLINK(\\"http://evil\\",\\"a,b\\")"}`,
  );
  const { headers, text } = await asAlice(`GET /accounts/${account.id}/statement`, { accept: 'text/csv' });
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[\w.-]+\.csv"$/);
  expect(text.split('\r\n')[0]).toContain('amount');
  expect(text).toContain(`"'=HYPERLINK(""http://evil"",""a,b"")"`);
  expect(text).toMatch(/,0\.50,USD,/);
});
