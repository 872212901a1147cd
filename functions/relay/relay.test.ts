// One tick of the relay over two outboxes on real Postgres.
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createDatabase } from '../shared/database.ts';
import { givenEvent } from '../../eventing/testing/given-event.ts';
import { givenOutbox } from '../../eventing/testing/outbox.ts';
import { givenSubscriber } from '../../eventing/testing/subscriber.ts';
import { relay } from './relay.ts';

const [ledger, users] = [await givenOutbox(), await givenOutbox()];
const log = pino({ level: 'silent' });

test('sweeps every outbox that it is given', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  await ledger.record([givenEvent(), givenEvent()]);
  await users.record([givenEvent()]);

  const swept = await relay({ ledger: ledger.pool, users: users.pool }, broker.url, log);
  expect(swept).toMatchObject({ ledger: { handedOver: 2 }, users: { handedOver: 1 } });
  expect([await ledger.owed(), await users.owed()]).toEqual([[], []]);
});

test('a database that is away fails the tick, and the other outbox is swept all the same', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  await ledger.record([givenEvent()]);
  const away = createDatabase('postgres://nobody@127.0.0.1:9/nothing', { max: 1, name: 'relay.test' }).pool;

  await expect(relay({ users: away, ledger: ledger.pool }, broker.url, log)).rejects.toThrow(AggregateError);
  expect(await ledger.owed()).toEqual([]);
});

test('a broker that is away is no fault: the events stay owed', async () => {
  await ledger.record([givenEvent()]);
  expect(await relay({ ledger: ledger.pool }, 'http://127.0.0.1:9', log)).toMatchObject({ ledger: { failed: 1 } });
  expect(await ledger.owed()).toHaveLength(1);
});
