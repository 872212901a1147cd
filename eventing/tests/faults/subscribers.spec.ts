// A subscriber that answers badly or not at all for a while, and events that nobody can apply. Side by side: most of it is waiting.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { givenDatabases } from '../../../functions/shared/testing/postgres.ts';
import { transactionCompleted } from '../../events/transaction-completed.ts';
import { type RabbitMq, startRabbitMq } from '../../testing/rabbitmq.ts';
import type { Fault } from './testing/faulty-subscriber.ts';
import { startLoad } from './testing/load.ts';
import { type DeadLetter, expectNothingLost, readDeadLetters } from './testing/outcome.ts';
import { openWorld, type World } from './testing/world.ts';

const perSecond = 5;

let rabbit: RabbitMq;
beforeAll(async () => {
  rabbit = await startRabbitMq();
});
afterAll(() => rabbit.close());

// The triggers try 6 times in 31 s with 30 s for each try, so none of these faults lasts long enough for a dead letter.
const statuses = [400, 401, 403, 404, 408, 409, 410, 422, 429];
let next = 0;
const faults: [name: string, seconds: number, fault: () => Fault][] = [
  ['answers 500', 30, () => 500],
  ['hangs', 20, () => 'silence'],
  ['closes the socket', 20, () => 'closed socket'],
  ['answers 4xx', 20, () => statuses[next++ % statuses.length] as number],
];

describe.concurrent('notify', () => {
  test.for(faults)('%s for %d s', async ([name, seconds, fault]) => {
    await using world = await openWorld(rabbit, await givenDatabases());
    const load = await startLoad(world, perSecond);
    await sleep(1_000);
    world.subscriber.setFault(fault);
    await sleep(seconds * 1_000);
    world.subscriber.setFault(undefined);
    const answered = await load.stop();
    await expectNothingLost(`subscriber ${name} for ${seconds} s`, world, answered);
    expect(world.subscriber.spoiled()).toBeGreaterThan(perSecond);
  });

  test('gets events that it can’t apply, and they alone become dead letters', async () => {
    await using world = await openWorld(rabbit, await givenDatabases());
    const load = await startLoad(world, perSecond);
    await sleep(1_000);
    const poison = [
      await recordPoison(world, {}),
      await recordPoison(world, { ...transactionCompleted.example, transaction_id: 999_999_999, entries: 7 }),
    ];
    await putIntoQueue(world, 'this is no event');
    await sleep(20_000);
    const answered = await load.stop();
    const due = await untilDead(world, 3);
    expect(due.filter(({ type }) => type === transactionCompleted.type).map(({ event_id }) => event_id)).toEqual(
      poison.sort(),
    );
    expect(due.map(({ reason_code }) => reason_code).sort()).toEqual([-1, 500, 500]);
    await expectNothingLost('2 poison events, 1 message that is no event', world, answered, due);
  });
});

/** As a faulty version of a function would have committed it. Returns the event's id. */
async function recordPoison({ ledger }: World, data: object): Promise<string> {
  const id = randomUUID();
  await ledger.query(
    `INSERT INTO outbox (id, type, source, subject, time, data, partitionkey, sequence)
     VALUES ($1, $2, '/microbank/deposit', 'transactions/0', now(), $3, '1', 0)`,
    [id, transactionCompleted.type, JSON.stringify(data)],
  );
  return id;
}

async function putIntoQueue({ amqpUrl }: World, text: string): Promise<void> {
  const connection = await connect(amqpUrl);
  const channel = await connection.createConfirmChannel();
  channel.sendToQueue('bank.notify-transaction-completed', Buffer.from(text), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();
}

async function untilDead(world: World, count: number): Promise<DeadLetter[]> {
  for (const until = Date.now() + 90_000; Date.now() < until; await sleep(200)) {
    const dead = await readDeadLetters(world);
    if (dead.length >= count) return dead;
  }
  throw new Error(`waited 90 s for ${count} dead letters; ${world.said()}`);
}
