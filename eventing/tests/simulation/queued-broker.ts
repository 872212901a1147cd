// A broker with queues that outlive it, as RabbitMQ has them, around the real delivery. It can lose what Knative's can lose.
import { type CarriedEvent, readEvent } from '../../events/carried-event.ts';
import { InvalidEvent } from '../../events/invalid-event.ts';
import { deliver, type Delivered, type Dispatch, toDeadLetter } from '../../broker/delivery.ts';
import { addressOf, type ResolveSubscriber } from '../../broker/routing.ts';
import type { Trigger } from '../../broker/trigger.ts';
import type { Handler } from './network.ts';
import { silent, type Surroundings } from './programs.ts';

type Queue = { trigger: Trigger; waiting: Message[] };
type Message = { event: CarriedEvent; isDeadLetter: boolean };

/** The queues, which a broker that is killed finds again. */
export type Queues = readonly Queue[];

export const createQueues = (triggers: readonly Trigger[]): Queues =>
  triggers.map((trigger) => ({ trigger, waiting: [] }));

/**
 * `loses`: acknowledges before the dead letter is safe, and drops what it cannot place or parse, as B2 to B6 of Knative's
 * RabbitMQ broker. Otherwise it keeps our own promises: a dead letter is stored first, and delivered until the sink takes it.
 */
export function startQueuedBroker(
  { world, network }: Surroundings,
  queues: Queues,
  { loses, resolve }: { loses: boolean; resolve: ResolveSubscriber },
): Handler {
  const process = world.current();
  const dispatch: Dispatch = {
    poster: network.poster,
    log: silent,
    sleep: (ms) => world.sleep(ms),
    signal: new AbortController().signal,
  };
  const lost = (how: string, probability: number): boolean =>
    loses && world.fault(`broker loses an event: ${how}`, probability);
  const underWay = new Map<Queue, number>();

  function pump(queue: Queue): void {
    while (queue.waiting.length > 0 && (underWay.get(queue) ?? 0) < queue.trigger.parallelism) {
      // Mostly in order: a queue with several consumers that fail and requeue is not.
      const place = world.random.chance(0.3) ? world.random.below(queue.waiting.length) : 0;
      const [message] = queue.waiting.splice(place, 1);
      underWay.set(queue, (underWay.get(queue) ?? 0) + 1);
      void take(queue, message as Message).finally(() => {
        underWay.set(queue, (underWay.get(queue) ?? 1) - 1);
        pump(queue);
      });
    }
  }

  async function take(queue: Queue, message: Message): Promise<void> {
    const requeue = (): void => void queue.waiting.push(message);
    // What is not acknowledged when the broker is killed is delivered again.
    process.onKilled.add(requeue);
    const acknowledge = (): void => void process.onKilled.delete(requeue);
    if (lost('unparsable (B6)', 0.01)) return acknowledge();

    const { subscriber, deadLetterSink, delivery } = queue.trigger;
    const to = addressOf(message.isDeadLetter ? deadLetterSink : subscriber, resolve);
    const delivered = await deliver(message.event, to, delivery, dispatch);
    if (!delivered.done) await giveUp(queue, message, to, delivered, acknowledge);
    else if (delivered.reply instanceof InvalidEvent) {
      await giveUp(queue, message, to, { done: false, status: -1, reason: '', stopped: false }, acknowledge);
    } else {
      if (delivered.reply) await store(delivered.reply);
      if (world.fault('acknowledgement lost', 0.04)) requeue();
    }
    acknowledge();
  }

  async function giveUp(
    queue: Queue,
    message: Message,
    to: URL,
    { status, reason }: Delivered & { done: false },
    acknowledge: () => void,
  ): Promise<void> {
    if (message.isDeadLetter) {
      if (lost('dead-letter sink away (B5)', 1)) return;
      return void queue.waiting.push(message);
    }
    if (loses) acknowledge();
    const event = toDeadLetter(message.event, to, status, reason);
    await world.operation('publishes a dead letter', () => undefined);
    if (lost('acknowledged before its dead letter was published (B3)', 0.3)) return;
    if (lost('no dead-letter exchange (B4)', 0.1)) return;
    queue.waiting.push({ event, isDeadLetter: true });
  }

  for (const queue of queues) pump(queue);

  async function store(event: CarriedEvent): Promise<void> {
    const matching = queues.filter(({ trigger }) => trigger.filter.type === event.attributes.type);
    await world.operation('stores an event', () => {
      for (const { waiting } of matching) {
        if (!lost('no trigger matched (B2)', 0.04)) waiting.push({ event, isDeadLetter: false });
      }
    });
    for (const queue of matching) pump(queue);
  }

  return async ({ headers, body }) => {
    const event = readEvent(headers, body);
    if (event === undefined) return { status: 400, headers: {}, body: Buffer.alloc(0) };
    await store(event);
    return { status: 202, headers: {}, body: Buffer.alloc(0) };
  };
}
