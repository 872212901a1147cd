// The sweep on real Postgres: the classic outbox bugs, one test each (late commits, poison rows, several relays, crashes).
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { givenEvent, until } from '../testing/given-event.ts';
import { givenOutbox } from '../testing/outbox.ts';
import { givenSubscriber, type Subscriber } from '../testing/subscriber.ts';
import { sweep, type SweepSettings } from './sweep.ts';

const outbox = await givenOutbox();
const givenEvents = (count: number) => Array.from({ length: count }, () => givenEvent());

function runSweep(broker: Subscriber, settings: Partial<SweepSettings> = {}) {
  return sweep({ pool: outbox.pool, brokerUrl: broker.url, log: pino({ level: 'silent' }), ...settings });
}

test('sends what is due, marks it, and leaves what is not due to its owner', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  const due = givenEvents(120);
  await outbox.record(due);
  await outbox.record([givenEvent()], { dueInMs: 10_000 });

  expect(await runSweep(broker)).toEqual({ claimed: 120, handedOver: 120, failed: 0, more: false });
  expect(await outbox.owed()).toHaveLength(1);
  expect(broker.ids().sort()).toEqual(due.map(({ id }) => id).sort());
  expect(await runSweep(broker)).toEqual({ claimed: 0, handedOver: 0, failed: 0, more: false });
});

test('an event is the same however it is sent', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  const event = givenEvent();
  await outbox.record([event]);
  await runSweep(broker);
  const [got] = broker.received;
  expect(got?.headers).toMatchObject({
    'ce-id': event.id,
    'ce-type': event.type,
    'ce-source': event.source,
    'ce-subject': event.subject,
    'ce-time': event.time,
    'ce-partitionkey': '7',
    'ce-sequence': '00000000000000000002',
    'ce-traceparent': event.traceparent,
  });
  expect(JSON.parse(got!.body)).toEqual(event.data);
});

test('a row that always fails blocks no other, and comes up less and less often', async () => {
  const [poison, ...good] = givenEvents(60);
  const broker = await givenSubscriber(({ headers }) => ({ status: headers['ce-id'] === poison!.id ? 400 : 202 }));
  await outbox.record([poison!]);
  await outbox.record(good);

  expect(await runSweep(broker)).toEqual({ claimed: 60, handedOver: 59, failed: 1, more: false });
  expect(await outbox.owed()).toEqual([poison!.id]);

  const waits: number[] = [];
  for (let i = 0; i < 5; i++) {
    waits.push(await secondsUntilDue());
    await outbox.makeDue();
    expect(await runSweep(broker)).toMatchObject({ claimed: 1, failed: 1 });
  }
  expect(waits).toEqual([60, 120, 240, 480, 600]);
});

test('an event whose broker hangs does not keep the others waiting', async () => {
  const [slow, ...others] = givenEvents(80);
  const broker = await givenSubscriber(async ({ headers }) => {
    if (headers['ce-id'] === slow!.id) await until(() => broker.received.length === 80, 'all the others');
    return { status: 202 };
  });
  await outbox.record([slow!]);
  await outbox.record(others);
  expect(await runSweep(broker, { concurrencyMax: 4 })).toMatchObject({ handedOver: 80, failed: 0 });
});

test('three sweeps at once send each row exactly once', async () => {
  const broker = await givenSubscriber(async () => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return { status: 202 };
  });
  const events = givenEvents(400);
  await outbox.record(events);
  const swept = await Promise.all([runSweep(broker), runSweep(broker), runSweep(broker)]);

  expect(swept.reduce((sum, { handedOver }) => sum + handedOver, 0)).toBe(400);
  expect(new Set(broker.ids()).size).toBe(400);
  expect(broker.received).toHaveLength(400);
  expect(await outbox.owed()).toEqual([]);
});

test('a transaction held open while others commit hides no row, and is swept once it commits', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  const late = givenEvent();
  const client = await outbox.admin.connect();
  await client.query('BEGIN');
  await outbox.record([late], { client });
  await outbox.record(givenEvents(50));

  expect(await runSweep(broker)).toMatchObject({ handedOver: 50 });
  await client.query('COMMIT');
  client.release();
  expect(await runSweep(broker)).toMatchObject({ handedOver: 1 });
  expect(broker.ids().at(-1)).toBe(late.id);
});

test('what a sweep claimed and did not mark before it died is sent again after its lease', async () => {
  const hanging = await givenSubscriber(() => new Promise<never>(() => {}));
  const broker = await givenSubscriber(() => ({ status: 202 }));
  await outbox.record(givenEvents(3));
  const dying = runSweep(hanging, { timeoutMs: 300 });
  await until(() => hanging.received.length === 3, 'three requests');

  expect(await runSweep(broker)).toMatchObject({ claimed: 0 });
  await outbox.makeDue();
  expect(await runSweep(broker)).toMatchObject({ claimed: 3, handedOver: 3 });
  expect(await dying).toMatchObject({ failed: 3 });
  expect(await outbox.owed()).toEqual([]);
});

test('no lock is held while events are being sent', async () => {
  const broker = await givenSubscriber(async () => {
    const { rows } = await outbox.admin.query<{ busy: number }>(
      `SELECT count(*)::int AS busy FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`,
    );
    return { status: rows[0]?.busy === 0 ? 202 : 500 };
  });
  await outbox.record(givenEvents(20));
  expect(await runSweep(broker)).toMatchObject({ handedOver: 20, failed: 0 });
});

test('a broker that is away ends the sweep, and most rows keep their turn', async () => {
  const broker = await givenSubscriber();
  await broker.close();
  await outbox.record(givenEvents(100));
  const swept = await runSweep(broker, { concurrencyMax: 8 });
  expect(swept).toMatchObject({ handedOver: 0, more: true });
  expect(swept.claimed).toBeLessThanOrEqual(16);
});

test('stops at its limit and says that there is more', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  await outbox.record(givenEvents(30));
  expect(await runSweep(broker, { claimMax: 20 })).toEqual({ claimed: 20, handedOver: 20, failed: 0, more: true });
  expect(await runSweep(broker)).toMatchObject({ claimed: 10, more: false });
});

test('a time that is no time in JavaScript spoils its own row only', async () => {
  const broker = await givenSubscriber(() => ({ status: 202 }));
  await outbox.record([givenEvent(undefined, { time: 'infinity' }), ...givenEvents(5)]);
  expect(await runSweep(broker)).toEqual({ claimed: 6, handedOver: 5, failed: 1, more: false });
});

async function secondsUntilDue(): Promise<number> {
  const { rows } = await outbox.pool.query<{ seconds: number }>(
    `SELECT round(extract(epoch FROM next_attempt_at - clock_timestamp()))::int AS seconds FROM outbox WHERE handed_over_at IS NULL`,
  );
  return rows[0]!.seconds;
}
