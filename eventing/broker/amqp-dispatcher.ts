// What one trigger does with its two queues: delivers the events of the first to its subscriber, those of the second to its dead-letter sink.
import type { ConsumeMessage } from 'amqplib';
import { createConsumer, type Consumer, type Verdict } from './amqp-consumer.ts';
import { readMessage, toUnreadable } from './amqp-message.ts';
import type { Publisher } from './amqp-publisher.ts';
import { deadOf, exchangeOf, queueOf } from './amqp-topology.ts';
import type { CarriedEvent } from '../events/carried-event.ts';
import { sleepUntilAborted } from './broker.ts';
import { InvalidEvent } from '../events/invalid-event.ts';
import type { DeliveryCounter } from './delivery-counts.ts';
import { deliver, type Dispatch, reasonOfInvalid, toDeadLetter } from './delivery.ts';
import { addressOf, isDeadLetter, repliesMax, type ResolveSubscriber } from './routing.ts';
import type { Trigger } from './trigger.ts';

export type DispatcherSettings = {
  broker: string;
  resolveSubscriber: ResolveSubscriber;
  publisher: Publisher;
  dispatch: Omit<Dispatch, 'signal' | 'count'>;
  counter: DeliveryCounter;
  stopping: AbortSignal;
  /** Before a dead letter that its sink did not take comes to it again. */
  deadLetterPauseMs: number;
};

/** Dead letters of a trigger on their way to the sink at once. */
const deadParallelism = 8;
/** Before a message that RabbitMQ can't take in another place comes again. */
const requeuePauseMs = 1_000;

/** The consumers of the trigger's two queues. */
export function createDispatcher(trigger: Trigger, settings: DispatcherSettings): Consumer[] {
  const { stopping, dispatch } = settings;
  return [
    createConsumer({
      queue: queueOf(settings.broker, trigger.name),
      parallelism: trigger.parallelism,
      handle: (message, signal) => dispatchEvent(trigger, message, settings, signal),
      stopping,
      log: dispatch.log,
    }),
    createConsumer({
      queue: deadOf(settings.broker, trigger.name),
      parallelism: deadParallelism,
      handle: (message, signal) => dispatchDeadLetter(trigger, message, settings, signal),
      stopping,
      log: dispatch.log,
    }),
  ];
}

async function dispatchEvent(
  trigger: Trigger,
  message: ConsumeMessage,
  settings: DispatcherSettings,
  signal: AbortSignal,
): Promise<Verdict> {
  const { broker, publisher, dispatch } = settings;
  const count = settings.counter.of(trigger.name);
  const to = addressOf(trigger.subscriber, settings.resolveSubscriber);
  const bury = (event: CarriedEvent, status: number, reason: string): Promise<Verdict> =>
    buryEvent(trigger, toDeadLetter(event, to, status, reason), settings, signal);

  const read = readMessage(message);
  if (read === undefined) return bury(toUnreadable(message, broker), -1, 'a message that is no event was in the queue');
  const { event, replies } = read;
  const delivered = await deliver(event, to, trigger.delivery, { ...dispatch, signal, count });
  if (!delivered.done) return delivered.stopped ? 'requeue' : bury(event, delivered.status, delivered.reason);

  const { reply } = delivered;
  if (reply instanceof InvalidEvent) return bury(event, -1, reasonOfInvalid(reply));
  if (reply === undefined || isDeadLetter(reply, dispatch.log)) return 'ack';
  if (replies >= repliesMax) return bury(event, -1, 'replies to replies go round in a circle');
  const published = await publisher.publish(exchangeOf(broker), reply, replies + 1);
  if (published === 'impossible') return bury(event, -1, 'RabbitMQ has no room for the attributes of the reply');
  if (published !== 'unsafe') return 'ack';
  // The subscriber gets the event again then, and answers with the same reply.
  return requeueAfter(requeuePauseMs, signal);
}

/** Acknowledged only when the copy is safe in the dead-letter queue. */
async function buryEvent(
  trigger: Trigger,
  deadLetter: CarriedEvent,
  { broker, publisher, counter, dispatch: { log } }: DispatcherSettings,
  signal: AbortSignal,
): Promise<Verdict> {
  const published = await publisher.publish(deadOf(broker, trigger.name), deadLetter, 0);
  const { id: event_id, type: event_type, traceparent, knativeerrorcode } = deadLetter.attributes;
  const about = { event_id, event_type, traceparent, trigger: trigger.name, status: Number(knativeerrorcode) };
  if (published === 'safe') {
    counter.of(trigger.name)('dead_lettered');
    log.error(about, 'event was given up and is a dead letter');
    return 'ack';
  }
  log.error({ ...about, published }, 'event was given up, but could not become a dead letter yet');
  return requeueAfter(requeuePauseMs, signal);
}

async function dispatchDeadLetter(
  trigger: Trigger,
  message: ConsumeMessage,
  { broker, resolveSubscriber, publisher, dispatch, deadLetterPauseMs }: DispatcherSettings,
  signal: AbortSignal,
): Promise<Verdict> {
  const sink = addressOf(trigger.deadLetterSink, resolveSubscriber);
  const dead = deadOf(broker, trigger.name);
  const event = readMessage(message)?.event ?? toUnreadable(message, broker);
  const delivered = await deliver(event, sink, trigger.delivery, { ...dispatch, signal });
  if (delivered.done) return 'ack';
  if (delivered.stopped) return 'requeue';

  const { id: event_id, type: event_type, traceparent } = event.attributes;
  dispatch.log.error(
    { event_id, event_type, traceparent, trigger: trigger.name, status: delivered.status, deadLetterPauseMs },
    'dead letter was not taken and stays in its queue',
  );
  await sleepUntilAborted(jittered(deadLetterPauseMs), signal);
  if (signal.aborted) return 'requeue';
  // To the end of its queue, so that one which is never taken does not keep the others from their turn.
  return (await publisher.publish(dead, event, 0)) === 'safe' ? 'ack' : requeueAfter(requeuePauseMs, signal);
}

async function requeueAfter(ms: number, signal: AbortSignal): Promise<Verdict> {
  await sleepUntilAborted(jittered(ms), signal);
  return 'requeue';
}

function jittered(ms: number): number {
  return ms * (0.5 + Math.random());
}
