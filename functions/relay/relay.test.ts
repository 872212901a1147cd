// One tick of the relay over two outboxes on real Postgres.
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createDatabase } from '../shared/database/pool.ts';
import { givenConsumer } from '../../eventing/testing/consumer.ts';
import { givenEvent } from '../../eventing/testing/given-event.ts';
import { givenOutbox } from '../../eventing/testing/outbox.ts';
import type { Speaker } from '../../eventing/signing/speakers.ts';
import { createVoices, type Voice } from '../../eventing/signing/voice.ts';
import { makeEventKeys } from '../../platform/local/event-keys.ts';
import { relay } from './relay.ts';

const [ledger, users] = [await givenOutbox(), await givenOutbox()];
const log = pino({ level: 'silent' });
const voices = createVoices(await makeEventKeys());
const voiceOf = (speaker: Speaker) => voices.get(speaker) as Voice;

test('sweeps every outbox that it is given, and settles what is applied at the next tick', async () => {
  const { brokerUrl, consumers } = await givenConsumer();
  await ledger.record([givenEvent(), givenEvent()]);
  await users.record([givenEvent()]);

  const outboxes = { ledger: ledger.pool, users: users.pool };
  expect(await relay(outboxes, { brokerUrl, consumers, voiceOf, log })).toMatchObject({
    ledger: { swept: { handedOver: 2 } },
    users: { swept: { handedOver: 1 } },
  });
  expect([await ledger.owed(), await users.owed()]).toEqual([[], []]);
  expect(await relay(outboxes, { brokerUrl, consumers, voiceOf, log })).toMatchObject({
    ledger: { reconciled: { settled: 2 } },
    users: { reconciled: { settled: 1 } },
  });
});

test('what the broker lost is found and sent again within one tick', async () => {
  const { brokerUrl, consumers, setDelivers, deliveries } = await givenConsumer();
  setDelivers(() => false);
  await ledger.record([givenEvent()]);
  await relay({ ledger: ledger.pool }, { brokerUrl, consumers, voiceOf, log });
  await ledger.makeDue();
  setDelivers(() => true);

  expect(await relay({ ledger: ledger.pool }, { brokerUrl, consumers, voiceOf, log })).toMatchObject({
    ledger: { reconciled: { lost: 1 }, swept: { handedOver: 1 } },
  });
  expect([...deliveries.values()]).toEqual([1]);
});

test('a database that is away fails the tick, and the other outbox is swept all the same', async () => {
  const { brokerUrl, consumers } = await givenConsumer();
  await ledger.record([givenEvent()]);
  const away = createDatabase('postgres://nobody@127.0.0.1:9/nothing', { max: 1, name: 'relay.test' }).pool;

  const outboxes = { users: away, ledger: ledger.pool };
  await expect(relay(outboxes, { brokerUrl, consumers, voiceOf, log })).rejects.toThrow(AggregateError);
  expect(await ledger.owed()).toEqual([]);
});

test('a broker that is away is no fault: the events stay owed', async () => {
  const { consumers } = await givenConsumer();
  await ledger.record([givenEvent()]);
  const ticked = await relay({ ledger: ledger.pool }, { brokerUrl: 'http://127.0.0.1:9', consumers, voiceOf, log });
  expect(ticked).toMatchObject({ ledger: { swept: { failed: 1 } } });
  expect(await ledger.owed()).toHaveLength(1);
});
