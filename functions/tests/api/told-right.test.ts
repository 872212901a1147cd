// A refusal says what is wrong, once, of a field that was sent; and what means the same is taken however it is written.
import { beforeAll, expect, test } from 'vitest';
import type { Account } from '../../shared/contract/account.ts';
import type { Transaction } from '../../shared/contract/transaction.ts';
import { startWorld, type World } from './testing/people.ts';
import { send } from './testing/send.ts';

let world: World;
let api: string;
let account: Account;
beforeAll(async () => {
  world = await startWorld();
  api = `${world.bank.origin}/api`;
  account = await world.bank.givenAccount(world.alice, { balance: 100 });
});

type Problem = { code: string; detail: string; errors?: { pointer: string; detail: string }[] };
const ask = async (line: string, headers: Record<string, string> = {}) => {
  const { status, body } = await send(api, line, { token: world.bank.teller.token, headers });
  return { status, ...(body as Problem) };
};

// The kind: a message about something else than what is wrong. Siblings: every number of a query, at both ends of its range.
test.each([
  ['limit=1001', 'is not between 1 and 1000'],
  ['limit=0', 'is not between 1 and 1000'],
  ['limit=-1', 'is not between 1 and 1000'],
  ['limit=1.5', 'is not a whole number'],
  ['limit=ten', 'is not a whole number'],
  ['skip=1000001', 'is not between 0 and 1000000'],
  ['account_id=0', 'is not 1 or more'],
  ['from=1969-12-31T23:59:59Z', 'is not a time between the years 1970 and 8999'],
])('?%s %s', async (query, detail) => {
  const { status, errors } = await ask(`GET /transactions?${query}`);
  expect([status, errors]).toEqual([422, [{ pointer: `/${query.split('=')[0]}`, detail }]]);
});

test('two amounts that are none are told, each once', async () => {
  const { status, errors } = await ask('GET /transactions?min_amount=x&max_amount=y');
  expect([status, errors?.map(({ pointer }) => pointer)]).toEqual([422, ['/min_amount', '/max_amount']]);
});

test('an opening, a closing and a reversal are no deposits, each with its own article', async () => {
  const other = await world.bank.givenAccount(world.alice);
  expect((await ask(`DELETE /accounts/${other.id}`)).status).toBe(204);
  const deposit = await world.bank.givenDeposit(account.id, 1);
  expect((await ask(`POST /transactions/${deposit.id}/reversal {"reason":"Mistake"}`)).status).toBe(201);
  const { body } = await send(api, 'GET /transactions?limit=10', { token: world.bank.teller.token });
  for (const [type, words] of [
    ['opening', 'an opening'],
    ['closing', 'a closing'],
    ['reversal', 'a reversal'],
  ] as const) {
    const id = (body as Transaction[]).find((transaction) => transaction.type === type)?.id;
    const { code, detail } = await ask(`POST /transactions/${id}/reversal {"reason":"Mistake"}`);
    expect([code, detail]).toEqual(['not_reversible', expect.stringContaining(`transaction ${id} is ${words};`)]);
  }
});

// The kind: a pointer to a field that the command has not. Siblings: reversals, closings, openings.
test('what is wrong with a reversal is said of its id', async () => {
  const deposit = await world.bank.givenDeposit(account.id, 50);
  expect((await ask(`POST /withdrawals {"account_id":${account.id},"amount":140}`)).status).toBe(201);
  const { code, errors } = await ask(`POST /transactions/${deposit.id}/reversal {"reason":"Mistake"}`);
  expect([code, errors?.map(({ pointer }) => pointer)]).toEqual(['insufficient_funds', ['/id']]);
});

test('what is wrong with a closing is said of its id', async () => {
  const other = await world.bank.givenAccount(world.alice);
  await ask(`DELETE /accounts/${other.id}`);
  const { code, errors } = await ask(`DELETE /accounts/${other.id}`);
  expect([code, errors?.map(({ pointer }) => pointer)]).toEqual(['account_closed', ['/id']]);
});

// The kind: a value date when there was no account. Siblings: deposit, withdrawal, transfer to and from a younger account, and by the one door.
test('no value date is from before an account was opened', async () => {
  const younger = await world.bank.givenAccount(world.mallory);
  const before = new Date(Date.parse(account.opened_at) - 1).toISOString();
  const between = new Date(Date.parse(younger.opened_at) - 1).toISOString();
  for (const line of [
    `POST /deposits {"account_id":${account.id},"amount":1,"effective_at":"${before}"}`,
    `POST /withdrawals {"account_id":${account.id},"amount":1,"effective_at":"${before}"}`,
    `POST /transfers {"account_id":${account.id},"target_account_id":${younger.id},"amount":1,"effective_at":"${before}"}`,
    `POST /transfers {"account_id":${account.id},"target_account_id":${younger.id},"amount":1,"effective_at":"${between}"}`,
    `POST /transactions {"account_id":${account.id},"type":"deposit","amount":1,"effective_at":"1970-01-01T00:00:00Z"}`,
  ]) {
    const { code, status, errors } = await ask(line);
    expect([line, status, code, errors?.[0]?.pointer]).toEqual([
      line,
      422,
      'effective_at_before_opening',
      '/effective_at',
    ]);
  }
  const line = `POST /deposits {"account_id":${account.id},"amount":1,"effective_at":"${account.opened_at}"}`;
  expect((await ask(line)).status).toBe(201);
});

// The kind: one amount in two spellings is two things. Siblings: numbers and texts, with zeros behind, in an opening as well.
test.each(['12.5', '12.5000', '"12.5"', '"12.5000"', '1.25e1'])('an amount of %s is 12.50', async (amount) => {
  const { body } = await send(api, `POST /deposits {"account_id":${account.id},"amount":${amount}}`, {
    token: world.bank.teller.token,
  });
  expect((body as Transaction).amount).toBe(12.5);
});

// The kind: words of which nothing is left without the spaces around them. Siblings: each command that takes words.
test.each(['', ' ', '\\u00a0\\u3000'])('a description or a reason of "%s" is none', async (blank) => {
  const { id } = await world.bank.givenAccount(world.alice);
  const words = `"account_id":${account.id},"amount":1,"description":"${blank}"`;
  for (const line of [
    `POST /deposits {${words}}`,
    `POST /withdrawals {${words}}`,
    `POST /transfers {${words},"target_account_id":${id}}`,
    `POST /transactions {${words},"type":"deposit"}`,
    `POST /transactions/${(await world.bank.givenDeposit(account.id, 1)).id}/reversal {"reason":"${blank}"}`,
  ]) {
    const { status, body } = await send(api, line, { token: world.bank.teller.token });
    expect([line, status, (body as Transaction).description]).toEqual([line, 201, null]);
  }
});

// The kind: a media type that means JSON is refused. Siblings: any parameter, any spelling of UTF-8, a semicolon at the end.
test.each([
  'application/json; version=1',
  'application/json; charset=utf8',
  'application/json;',
  'APPLICATION/JSON;charset="UTF-8"',
])('a body as %s is read', async (type) => {
  const { status } = await ask(`POST /deposits {"account_id":${account.id},"amount":1}`, { 'content-type': type });
  expect(status).toBe(201);
});
test.each(['text/plain', 'application/json-seq', 'application/json; charset=utf-16'])(
  'a body as %s is 415',
  async (type) => {
    const { code } = await ask(`POST /deposits {"account_id":${account.id},"amount":1}`, { 'content-type': type });
    expect(code).toBe('unsupported_media_type');
  },
);

test('who says no to JSON gets none', async () => {
  const statement = `GET /accounts/${account.id}/statement`;
  const { headers } = await send(api, statement, {
    token: world.bank.teller.token,
    headers: { accept: 'application/json;q=0, */*' },
  });
  expect(headers.get('content-type')).toContain('text/csv');
  expect((await ask('GET /accounts', { accept: 'application/json;q=0, */*' })).code).toBe('not_acceptable');
});
