// Commands that are posted to the broker, as events with their sender's authority: done once, or refused, through both brokers.
import { beforeAll, describe, expect, test } from 'vitest';
import { startAmqpBroker } from '../../eventing/broker/amqp.ts';
import { startInProcessBroker } from '../../eventing/broker/in-process.ts';
import { givenRabbitMq } from '../../eventing/testing/amqp-broker.ts';
import { commandOf, commandRows } from './api/testing/commands.ts';
import { modes, sendToBroker, source, type Command, type Mode } from './api/testing/events.ts';
import { startWorld, type World } from './api/testing/people.ts';
import type { OpenBroker } from './api/testing/whole-bank.ts';

const rabbit = givenRabbitMq();
const noWait = { sleep: async () => {} };
const brokers: [string, OpenBroker][] = [
  ['in the process', (settings) => startInProcessBroker({ ...settings, ...noWait })],
  ['on RabbitMQ', (settings) => startAmqpBroker({ ...settings, ...noWait, url: rabbit.url })],
];

type Asked = Required<Pick<Command, 'type' | 'source' | 'id' | 'data' | 'traceparent'>>;
type Outcome = { type: string; source: string; data: Record<string, unknown> };

describe.each(brokers)('through the broker %s', (_where, openBroker) => {
  let world: World;
  let [from, to] = [0, 0];
  beforeAll(async () => {
    world = await startWorld(openBroker);
    from = (await world.bank.givenAccount(world.alice, { balance: 100 })).id;
    to = (await world.bank.givenAccount(world.mallory)).id;
  }, 90_000);

  /** With a trace of its own, by which the event that it causes is found. */
  function ask(type: string, data: unknown): Asked {
    const id = crypto.randomUUID();
    const traceparent = `00-${id.replaceAll('-', '')}-b7ad6b7169203331-01`;
    return { type: `com.microbank.${type}`, source, id, data, traceparent };
  }
  const transfer = (amount = 30): Asked =>
    ask('transfer.requested', { account_id: from, target_account_id: to, amount });

  async function authorityFor({ type, id, data }: Asked, token = world.alice.token): Promise<string> {
    const body = { type, source, id, data };
    const answer = await world.bank.request<{ authority: string }>('POST', '/command-authorities', { token, body });
    expect(answer.status).toBe(201);
    return answer.body.authority;
  }

  async function send(asked: Asked, authority?: string, mode: Mode = 'binary'): Promise<void> {
    expect(await sendToBroker(world.bank, mode, { ...asked, authority })).toBe(202);
  }

  const headersOf = ({ type, traceparent }: Asked): Record<string, string> => ({
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-type': type,
    'ce-source': source,
    'ce-traceparent': traceparent,
  });

  /** The events that a command caused. */
  async function outcomesOf({ traceparent }: Asked): Promise<Outcome[]> {
    const query = `SELECT type, source, data FROM outbox WHERE traceparent LIKE $1`;
    const values = [`${traceparent.slice(0, 35)}%`];
    const { users, ledger } = world.bank.admin;
    return [...(await users.query<Outcome>(query, values)).rows, ...(await ledger.query<Outcome>(query, values)).rows];
  }
  const outcomeOf = async (asked: Asked): Promise<Outcome> => {
    await expect.poll(() => outcomesOf(asked), { timeout: 10_000 }).toHaveLength(1);
    return (await outcomesOf(asked))[0]!;
  };

  const count = async (database: 'ledger' | 'notifications', query: string, ...values: unknown[]): Promise<number> =>
    (await world.bank.admin[database].query(query, values)).rowCount ?? 0;
  const transfers = (): Promise<number> =>
    count('ledger', `SELECT FROM transaction WHERE type = 'transfer' AND account_id = $1`, from);
  const told = (transactionId: unknown): Promise<number> =>
    count('notifications', 'SELECT FROM notification WHERE transaction_id = $1', transactionId);
  const deadLettersOf = async ({ id }: Asked): Promise<Record<string, unknown>[]> => {
    const query = 'SELECT type, reason_code, event FROM dead_letter WHERE event_id = $1';
    return (await world.bank.admin.notifications.query<Record<string, unknown>>(query, [id])).rows;
  };
  const deadLetters = (): Promise<number> => count('notifications', 'SELECT FROM dead_letter');

  test.each(modes)('a transfer ends as one transfer that both sides are told of (%s)', async (mode) => {
    const [asked, before] = [transfer(), await transfers()];
    await send(asked, await authorityFor(asked), mode);
    const { type, source: by, data } = await outcomeOf(asked);
    expect([type, by]).toEqual(['com.microbank.transaction.completed', '/microbank/transfer']);
    expect(data).toMatchObject({ account_id: from, target_account_id: to, amount: 30 });
    expect(await transfers()).toBe(before + 1);
    await expect.poll(() => told(data['transaction_id'])).toBe(2);
  });

  test('what the bank says no to ends as the event that says so, and moves nothing', async () => {
    const [asked, before] = [transfer(5_000), await transfers()];
    await send(asked, await authorityFor(asked));
    expect(await outcomeOf(asked)).toMatchObject({
      type: 'com.microbank.transaction.refused',
      data: { code: 'insufficient_funds', command_id: asked.id, command_source: source },
    });
    expect([await transfers(), await deadLettersOf(asked)]).toEqual([before, []]);
  });

  test('copies of a command, at once, later and with another authority, make one transfer', async () => {
    const [asked, before] = [transfer(1), await transfers()];
    const [first, second] = [await authorityFor(asked), await authorityFor(asked)];
    await Promise.all([send(asked, first), send(asked, second), send(asked, first, 'structured')]);
    const { data } = await outcomeOf(asked);
    await send(asked, second);
    const last = transfer(1);
    await send(last, await authorityFor(last));
    await outcomeOf(last);
    await expect.poll(() => told(data['transaction_id'])).toBe(2);
    expect(await outcomesOf(asked)).toHaveLength(1);
    expect([await transfers(), await deadLettersOf(asked)]).toEqual([before + 2, []]);
  });

  test('however its id is written in the header, a command is done once', async () => {
    const [asked, before] = [{ ...transfer(3), id: `q 1 ${crypto.randomUUID()}` }, await transfers()];
    const authority = await authorityFor(asked);
    const encoded = encodeURIComponent(asked.id);
    const spellings = [encoded, `"${asked.id}"`, asked.id, encoded.replace('q', '%71'), `"${encoded}"`];
    for (const id of spellings) {
      const headers = { ...headersOf(asked), 'ce-id': id, 'ce-authority': authority };
      const body = JSON.stringify(asked.data);
      const url = world.bank.environment.config.brokerUrl ?? '';
      expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(202);
    }
    const { data } = await outcomeOf(asked);
    const last = transfer(1);
    await send(last, await authorityFor(last));
    await outcomeOf(last);
    await expect.poll(() => told(data['transaction_id'])).toBe(2);
    expect([await outcomesOf(asked), await transfers()]).toMatchObject([[{}], before + 2]);
    expect(await deadLettersOf(asked)).toEqual([]);
  });

  test.each<[string, (asked: Asked) => string | undefined | Promise<string>]>([
    ['without authority', () => undefined],
    ['with nonsense', () => 'hush.hush.hush'],
    ['with that of another amount', (asked) => authorityFor({ ...asked, data: transfer(29).data })],
    ['with an access token', () => world.alice.token],
  ])('a command %s is never done, and kept as a dead letter that holds no authority', async (_what, authority) => {
    const [asked, before] = [transfer(), await transfers()];
    const shown = await authority(asked);
    await send(asked, shown);
    await expect.poll(() => deadLettersOf(asked), { timeout: 10_000 }).toHaveLength(1);
    const [letter] = await deadLettersOf(asked);
    expect(letter).toMatchObject({ reason_code: 500, type: asked.type, event: { id: asked.id, data: asked.data } });
    expect(letter?.event).not.toHaveProperty('authority');
    if (shown !== undefined) expect(JSON.stringify(letter)).not.toContain(shown);
    expect([await transfers(), await outcomesOf(asked)]).toEqual([before, []]);
  });

  test('a forged copy does not keep the command itself from being done', async () => {
    const asked = transfer(2);
    const authority = await authorityFor(asked);
    await Promise.all([send(asked), send(asked, 'a.b.c'), send(asked, authority)]);
    expect((await outcomeOf(asked)).type).toBe('com.microbank.transaction.completed');
  });

  test.each(commandRows)('%s is done', async (...row) => {
    const { data, token } = await commandOf(world, row);
    const [asked, before] = [ask(row[0], data), await deadLetters()];
    await send(asked, await authorityFor(asked, token));
    expect((await outcomeOf(asked)).type).toBe(`com.microbank.${row[3]}`);
    expect([await deadLettersOf(asked), await deadLetters()]).toEqual([[], before]);
  });
});
