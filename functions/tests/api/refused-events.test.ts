// Events that the bank says no to: told by an event where that can be recorded, never by an answer that passes for success.
import { beforeAll, describe, expect, test } from 'vitest';
import { transactionRefused } from '../../../eventing/events/transaction-refused.ts';
import { deliver, isLost, modes, recorded, sendCommand, source } from './testing/events.ts';
import { startWorld, type World } from './testing/people.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  const { bank, given, alice } = world;
  const closed = await bank.givenAccount(alice);
  await bank.request('DELETE', `/accounts/${closed.id}`, { token: alice.token });
  const yen = await bank.givenAccount(alice, { currency: 'JPY', balance: 100 });
  const deposit = await bank.givenDeposit(yen.id, 100);
  await bank.request('POST', `/transactions/${deposit.id}/reversal`, { token: bank.teller.token });
  Object.assign(given, {
    'closed account': () => closed.id,
    'yen account': () => yen.id,
    'reversed transaction': () => deposit.id,
    opening: () => 1,
  });
});

const from = '"account_id":<account>';
describe('a refused command is answered by the event that says so, recorded once', () => {
  test.each([
    ['insufficient_funds', 'withdraw', 'withdrawal', `{${from},"amount":99999}`],
    ['amount_invalid', 'deposit', 'deposit', `{${from},"amount":0.001}`],
    ['amount_invalid', 'deposit', 'deposit', `{${from},"amount":0}`],
    ['account_closed', 'deposit', 'deposit', '{"account_id":<closed account>,"amount":5}'],
    ['account_closed', 'close-account', 'account.closing', '{"id":<closed account>}'],
    ['account_not_empty', 'close-account', 'account.closing', '{"id":<account>}'],
    ['account_not_found', 'withdraw', 'withdrawal', `{"account_id":<bob's account>,"amount":5}`],
    ['payee_cannot_receive', 'transfer', 'transfer', `{${from},"target_account_id":999999,"amount":5}`],
    ['same_account', 'transfer', 'transfer', `{${from},"target_account_id":<account>,"amount":5}`],
    ['payee_cannot_receive', 'transfer', 'transfer', `{${from},"target_account_id":<yen account>,"amount":5}`],
    ['user_not_found', 'open-account', 'account.opening', '{"user_id":<mallory>,"account_type":"checking"}'],
    [
      'forbidden',
      'open-account',
      'account.opening',
      '{"user_id":<alice>,"account_type":"checking","overdraft_limit":5}',
    ],
    ['forbidden', 'deposit', 'deposit', `{${from},"amount":5,"effective_at":"2026-01-01T00:00:00Z"}`],
    ['forbidden', 'reverse-transaction', 'reversal', '{"id":<new transaction>}'],
    ['validation_failed', 'deposit', 'deposit', `{${from},"amount":5,"tip":1}`],
    ['validation_failed', 'deposit', 'deposit', `{${from}}`],
    ['validation_failed', 'transfer', 'transfer', '[1,2]'],
    ['validation_failed', 'withdraw', 'withdrawal', '5'],
  ])('%s by %s (%s %s)', (code, to, type, data) => expectRefused(code, to, type, data, world.alice.token));

  test.each([
    ['already_reversed', 'reverse-transaction', 'reversal', '{"id":<reversed transaction>}'],
    ['not_reversible', 'reverse-transaction', 'reversal', '{"id":<opening>}'],
    ['transaction_not_found', 'reverse-transaction', 'reversal', '{"id":999999}'],
    ['user_not_found', 'open-account', 'account.opening', '{"user_id":999999,"account_type":"checking"}'],
  ])('%s by %s, to a teller', (code, to, type, data) => expectRefused(code, to, type, data, world.bank.teller.token));
});

async function expectRefused(code: string, to: string, type: string, line: string, token: string): Promise<void> {
  const { bank } = world;
  const data = JSON.parse(await world.fill(line)) as unknown;
  const command = { to, type: `com.microbank.${type}.requested`, data, token, id: crypto.randomUUID() };
  const before = await world.settled();
  const first = await sendCommand(bank, 'binary', command);
  expect([first.status, first.mode, first.event?.type]).toEqual([200, 'binary', transactionRefused.type]);
  expect(transactionRefused.data.parse(first.event?.data)).toMatchObject({
    code,
    command_id: command.id,
    command_source: source,
  });
  expect(first.event?.source).toBe(`/microbank/${to}`);
  expect(first.headers.has('idempotency-replayed')).toBe(false);
  expect(await recorded(bank, first.event?.id)).toHaveLength(1);

  for (const mode of modes) {
    const again = await sendCommand(bank, mode, command);
    expect([again.status, again.mode, again.headers.get('idempotency-replayed')]).toEqual([200, mode, 'true']);
    expect(again.event?.toJSON()).toEqual(first.event?.toJSON());
  }
  // Nothing but the one event.
  expect(await world.settled()).toEqual({ ...before, ledger_events: String(Number(before['ledger_events']) + 1) });
}

test('a command that was refused stays refused when it would be possible later', async () => {
  const { bank, alice } = world;
  const account = await bank.givenAccount(alice);
  const command = {
    to: 'withdraw',
    type: 'com.microbank.withdrawal.requested',
    data: { account_id: account.id, amount: 5 },
    id: crypto.randomUUID(),
    token: alice.token,
  };
  const refused = await sendCommand(bank, 'structured', command);
  await bank.givenDeposit(account.id, 5);
  const later = await sendCommand(bank, 'structured', command);
  expect(later.event?.toJSON()).toEqual(refused.event?.toJSON());
});

test('a registration that is refused is left to the dead letters, because the users have no event for it', async () => {
  const data = { name: 'Alice Again', email: 'ALICE@example.com' };
  const command = { to: 'register-user', type: 'com.microbank.user.registration.requested', data };
  const before = await world.settled();
  const reply = await sendCommand(world.bank, 'binary', { ...command, token: world.bank.teller.token });
  expect([reply.status, reply.code]).toEqual([500, 'email_taken']);
  expect(await world.settled()).toEqual(before);
});

const ce = {
  'ce-specversion': '1.0',
  'ce-id': 'bad',
  'ce-source': source,
  'ce-type': 'com.microbank.deposit.requested',
};
const json = { 'content-type': 'application/json' };
const structured = { 'content-type': 'application/cloudevents+json' };
const good = '{"account_id":<account>,"amount":5}';
const envelope = `"specversion":"1.0","id":"bad","source":"${source}","type":"com.microbank.deposit.requested"`;
const without = (name: string) =>
  Object.fromEntries(Object.entries({ ...ce, ...json }).filter(([key]) => key !== name));

describe('a broken event changes nothing and is never answered as if it were done with', () => {
  test.each<[string, Record<string, string>, string, string?]>([
    ['without id', without('ce-id'), good],
    ['without source', without('ce-source'), good],
    ['without type', without('ce-type'), good],
    ['without specversion', without('ce-specversion'), good],
    ['of an old specversion', { ...ce, ...json, 'ce-specversion': '0.3' }, good],
    ['of a future specversion', { ...ce, ...json, 'ce-specversion': '2.0' }, good],
    ['with an id of 256 characters', { ...ce, ...json, 'ce-id': 'a'.repeat(256) }, good],
    ['with a NUL in its id', { ...ce, ...json, 'ce-id': 'bad%00' }, good],
    ['with a time that is none', { ...ce, ...json, 'ce-time': 'yesterday' }, good],
    [
      'of a type that is for another function',
      { ...ce, ...json, 'ce-type': 'com.microbank.withdrawal.requested' },
      good,
    ],
    ['of a fact that nobody consumes here', { ...ce, ...json, 'ce-type': 'com.microbank.transaction.completed' }, good],
    ['whose data is cut off', { ...ce, ...json }, '{"account_id":<account>,"amount":'],
    ['whose data has a bare NaN', { ...ce, ...json }, '{"account_id":<account>,"amount":NaN}'],
    ['whose data has a NUL', { ...ce, ...json }, '{"account_id":<account>,"amount":5,"description":"a\\u0000"}'],
    ['that is larger than 64 KiB', { ...ce, ...json }, `{"description":"${'a'.repeat(100_000)}"}`],
    ['that says it is compressed', { ...ce, ...json, 'content-encoding': 'gzip' }, good],
    ['structured, but no JSON', structured, '<xml>'.replace('<', '‹')],
    ['structured, but a list', structured, '[]'],
    [
      'structured, without an id',
      structured,
      '{"specversion":"1.0","source":"/a","type":"com.microbank.deposit.requested"}',
    ],
    ['structured, with data twice', structured, `{${envelope},"data":${good},"data_base64":"e30="}`],
    ['structured, with a list as an attribute', structured, `{${envelope},"data":${good},"extra":[1]}`],
    ['structured, as XML', { 'content-type': 'application/cloudevents+xml' }, 'xml'],
    ['in a batch', { 'content-type': 'application/cloudevents-batch+json' }, `[{${envelope},"data":${good}}]`],
    ['posted where only DELETE is', { ...ce, ...json }, good, 'close-account/accounts/1'],
    ['posted to no path of the function', { ...ce, ...json }, good, 'deposit/nowhere'],
  ])('%s', async (_what, headers, body, to = 'deposit') => {
    const text = await world.fill(body);
    const before = await world.settled();
    const reply = await deliver(world.bank, to, headers, text, world.alice.token);
    expect(reply.status, reply.code).toBeGreaterThanOrEqual(400);
    expect(isLost(reply.status), `${reply.status} ${reply.code}`).toBe(false);
    expect(reply.code).toMatch(/^[a-z_]+$/);
    expect(await world.settled()).toEqual(before);
  });

  test.each([
    ['no token', () => undefined],
    ['a bad token', () => 'nonsense'],
    ['an expired token', () => world.bank.tokenFor({ userId: world.alice.id, expiresIn: -60 })],
  ])('with %s', async (_what, token) => {
    const data = JSON.parse(await world.fill(good)) as unknown;
    const before = await world.settled();
    for (const mode of modes) {
      const command = { to: 'deposit', type: 'com.microbank.deposit.requested', data, token: await token() };
      const reply = await sendCommand(world.bank, mode, command);
      expect([reply.status, reply.code]).toEqual([500, 'unauthenticated']);
    }
    expect(await world.settled()).toEqual(before);
  });

  test('brought in through the edge, where facts are nobody’s to state', async () => {
    const headers = { ...ce, ...json, 'ce-type': 'com.microbank.transaction.completed' };
    const before = await world.settled();
    for (const path of ['api/', 'api/notify', 'api/notifications/1/read']) {
      const { status } = await deliver(world.bank, path, headers, '{}', world.alice.token);
      expect(status, path).toBeGreaterThanOrEqual(400);
    }
    expect(await world.settled()).toEqual(before);
  });
});
