// Commands as CloudEvents: binary and structured in, the event that the outbox recorded out, once per source and id.
import { beforeAll, describe, expect, test } from 'vitest';
import { bankEvents } from '../../../eventing/events/bank-events.ts';
import { commandOf, commandRows as rows } from './testing/commands.ts';
import { modes, recorded, sendCommand, source } from './testing/events.ts';
import { startWorld, type World } from './testing/people.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

test('every command of every function has a row', () => {
  const commands = world.bank.contracts.flatMap(({ name, command }) => (command ? [`${name} ${command.type}`] : []));
  expect(rows.map(([type, to]) => `${to} com.microbank.${type}`).sort()).toEqual(commands.sort());
});

describe.each(modes)('a %s event is answered by the event that was recorded, in the same mode', (mode) => {
  test.each(rows)('%s', async (...row) => {
    const command = await commandOf(world, row);
    const { status, event, mode: replied, headers } = await sendCommand(world.bank, mode, command);
    expect([status, replied, event?.type]).toEqual([200, mode, `com.microbank.${row[3]}`]);
    expect(event?.validate()).toBe(true);
    expect(headers.has('idempotency-replayed')).toBe(false);

    const { type, subject, data, partitionkey } = event!;
    // The one door leaves it to the operation behind it, which is the event's source whoever asked.
    expect(event?.source).toBe(`/microbank/${command.to === 'post-transaction' ? 'withdraw' : command.to}`);
    expect(await recorded(world.bank, event?.id)).toEqual([
      { id: event?.id, type, source: event?.source, subject, data, partitionkey },
    ]);
    const promised = bankEvents.find((contract) => contract.type === type);
    expect(event?.dataschema).toBe(promised?.dataschema);
    expect(() => promised?.data.parse(data)).not.toThrow();
  });
});

describe('an event that comes again changes nothing and gets the same event', () => {
  test.each(rows)('%s', async (...row) => {
    const command = await commandOf(world, row);
    const first = await sendCommand(world.bank, 'binary', command);
    const after = await world.settled();
    for (const mode of modes) {
      const again = await sendCommand(world.bank, mode, command);
      expect([again.status, again.mode, again.headers.get('idempotency-replayed')]).toEqual([200, mode, 'true']);
      expect(again.event?.toJSON()).toEqual(first.event?.toJSON());
    }
    expect(await world.settled()).toEqual(after);
  });

  test('also when all copies come at once', async () => {
    const command = await commandOf(world, rows[0]!);
    const before = await world.settled();
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, i) => sendCommand(world.bank, modes[i % 2]!, command)),
    );
    expect(new Set(replies.map(({ status, event }) => `${status} ${event?.id}`))).toHaveLength(1);
    expect(Number((await world.settled())['transactions'])).toBe(Number(before['transactions']) + 1);
  });
});

test('the same id from another source is another command', async () => {
  const command = await commandOf(world, rows[0]!);
  const here = await sendCommand(world.bank, 'binary', command);
  const there = await sendCommand(world.bank, 'binary', { ...command, source: `${source}/2` });
  expect(there.status).toBe(200);
  expect(there.headers.has('idempotency-replayed')).toBe(false);
  expect(there.event?.data?.['transaction_id']).not.toBe(here.event?.data?.['transaction_id']);
});

test('the same id from somebody else is another command', async () => {
  const data = { account_id: await world.given["mallory's account"]?.(), amount: 1 };
  const command = { ...(await commandOf(world, rows[0]!)), data };
  const teller = await sendCommand(world.bank, 'binary', command);
  const mallory = await sendCommand(world.bank, 'binary', { ...command, token: world.mallory.token });
  expect(mallory.event?.data?.['transaction_id']).not.toBe(teller.event?.data?.['transaction_id']);
});

describe('the same source and id with other data is neither applied nor taken for done', () => {
  test.each(rows)('%s', async (...row) => {
    const command = await commandOf(world, row);
    await sendCommand(world.bank, 'binary', command);
    const other = { ...command, data: (await commandOf(world, row)).data };
    // Some rows make no difference by themselves.
    if (JSON.stringify(other.data) === JSON.stringify(command.data))
      Object.assign(other.data as object, differences[row[1]]);
    const before = await world.settled();
    for (const mode of modes) {
      const reply = await sendCommand(world.bank, mode, other);
      expect([reply.status, reply.code]).toEqual([500, 'idempotency_key_reused']);
    }
    expect(await world.settled()).toEqual(before);
  });
});

const differences: Record<string, object> = {
  deposit: { amount: 6 },
  withdraw: { amount: 6 },
  transfer: { amount: 6 },
  'post-transaction': { type: 'deposit' },
  'open-account': { balance: 13 },
};

test('a command posted to its route is taken as it is at the root, and must not contradict the path', async () => {
  const id = await world.given['new transaction']?.();
  const command = { ...(await commandOf(world, rows[4]!)), to: `reverse-transaction/transactions/${id}/reversal` };
  const wrong = await sendCommand(world.bank, 'binary', { ...command, id: 'wrong', data: { id: 1 } });
  expect(wrong.event?.data?.['code']).toBe('validation_failed');
  const right = await sendCommand(world.bank, 'binary', { ...command, data: { reason: 'The path says which' } });
  expect(right.event?.data).toMatchObject({ type: 'reversal', reverses: id });
});
