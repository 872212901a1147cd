// Properties of events through real brokers: what was posted is what is delivered, and every door takes the same.
// A failure prints the seed, the path and the shortest event found.
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { readEvent } from '../events/carried-event.ts';
import { givenAmqpBroker, givenRabbitMq } from '../testing/amqp-broker.ts';
import { givenBroker } from '../testing/broker.ts';
import { until } from '../testing/given-event.ts';
import { givenSubscriber, type Subscriber } from '../testing/subscriber.ts';
import { anyEvent, anySpoiledMessage, carried, toBinary, toStructured } from './testing/arbitrary-events.ts';
import { openDoors, type Door } from './testing/doors.ts';

const rabbit = givenRabbitMq();
/** More for a longer search: PROPERTY_RUNS=5000. */
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 100);
const patient = { timeout: 60_000 + numRuns * 1_000 };
const limits = { numRuns, interruptAfterTimeLimit: patient.timeout - 30_000 };

let doors: Door[];
beforeAll(async () => {
  const opened = await openDoors(rabbit.url);
  doors = opened.doors;
  return opened.close;
}, 120_000);

/** Sends each event through a broker, and looks at what its subscriber has. */
async function expectDelivered(url: string, subscriber: Subscriber): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyEvent, fc.boolean(), async (drawn, isStructured) => {
      const event = { ...drawn, attributes: { ...drawn.attributes, type: 'com.example.border' } };
      const { headers, body } = isStructured ? toStructured(event) : toBinary(event);
      const before = subscriber.received.length;
      const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) });
      expect(response.status, await response.text()).toBe(202);
      await until(() => subscriber.received.length > before, 'the delivery');
      const got = subscriber.received[before]!;
      expect(readEvent(got.headers, got.bytes)).toEqual(carried(event));
    }),
    limits,
  );
}

const attributes = { type: 'com.example.border' };
test('what is posted to the broker in the process arrives as it was', patient, async () => {
  const subscriber = await givenSubscriber();
  const { url } = await givenBroker([{ subscriber: subscriber.url, attributes }]);
  await expectDelivered(url, subscriber);
});

test('what is posted to the broker on RabbitMQ arrives as it was', patient, async () => {
  const subscriber = await givenSubscriber();
  const { url } = await givenAmqpBroker(rabbit, [{ subscriber: subscriber.url, attributes }]);
  await expectDelivered(url, subscriber);
});

test('both brokers take exactly what functions take, whatever is sent', patient, async () => {
  const seen = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(anySpoiledMessage, async (message) => {
      const answers = await Promise.all(doors.map(async (door) => ({ door, answer: await door.post(message) })));
      const [first, ...others] = answers.map(({ door, answer }) => door.isTaken(answer));
      expect(others, JSON.stringify(answers.map(({ answer }) => answer))).toEqual(others.map(() => first));
      if (!first) for (const { answer } of answers) expect([400, 415]).toContain(answer.status);
      seen[first ? 'taken' : 'refused']++;
    }),
    limits,
  );
  // Otherwise the messages are too good, or too bad, to show anything.
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(0);
});
