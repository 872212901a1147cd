// A broker and the one consumer behind it, for tests of the outbox: both real HTTP servers, both as faulty as a test wants.
import { receipts, receiptsPruning } from '../outbox/questions.ts';
import { type Consumers, readConsumers } from '../outbox/consumers.ts';
import { givenSubscriber, type Received, type ToAnswer } from './subscriber.ts';

export type TestConsumer = {
  brokerUrl: string;
  /** The bank's own triggers, with this as every subscriber. */
  consumers: Consumers;
  /** How often each event was delivered, by id. */
  deliveries: Map<string, number>;
  /** What the consumer says it has: the delivered events, and what a test adds. */
  has: Set<string>;
  /** The questions it was asked, by their data. */
  questions: { type: string; data: unknown }[];
  /** Called with each event that the broker has taken with 202; false: it loses the event. */
  setDelivers: (delivers: (id: string) => boolean) => void;
  /** Undefined: the questions are answered as they should be. */
  setAnswer: (answer: (() => ToAnswer | Promise<ToAnswer>) | undefined) => void;
};

export async function givenConsumer(): Promise<TestConsumer> {
  let delivers: (id: string) => boolean = () => true;
  let answer: (() => ToAnswer | Promise<ToAnswer>) | undefined;
  const deliveries = new Map<string, number>();
  const has = new Set<string>();
  const questions: TestConsumer['questions'] = [];

  const broker = await givenSubscriber(({ headers }) => {
    const id = String(headers['ce-id']);
    if (delivers(id)) {
      deliveries.set(id, (deliveries.get(id) ?? 0) + 1);
      has.add(id);
    }
    return { status: 202 };
  });
  const consumer = await givenSubscriber((received) =>
    answer ? answer() : answerAsConsumer(received, has, questions),
  );
  return {
    brokerUrl: broker.url,
    consumers: await readConsumers(`${consumer.url}/{function}`),
    deliveries,
    has,
    questions,
    setDelivers: (next) => (delivers = next),
    setAnswer: (next) => (answer = next),
  };
}

function answerAsConsumer(
  { body }: Received,
  has: ReadonlySet<string>,
  questions: TestConsumer['questions'],
): ToAnswer {
  const { type, data } = JSON.parse(body) as { type: string; data: { events: { id: string }[] } };
  questions.push({ type, data });
  const [given, answered] =
    type === receipts.requested
      ? [receipts.given, { missing: data.events.filter(({ id }) => !has.has(id)) }]
      : [receiptsPruning.given, { pruned: 0 }];
  const headers = { 'content-type': 'application/cloudevents+json' };
  return { status: 200, headers, body: JSON.stringify({ specversion: '1.0', type: given, data: answered }) };
}
