// Routes an event to every trigger whose filter it passes, and says whether it is safe: applied, or with a dead-letter sink.
import type { Logger } from 'pino';
import { type CarriedEvent } from '../events/carried-event.ts';
import { InvalidEvent } from '../events/invalid-event.ts';
import type { DeliveryCounter, QueueState } from './delivery-counts.ts';
import { deliver, type Dispatch, reasonOfInvalid, toDeadLetter } from './delivery.ts';
import { createSlots, type Slots } from './slots.ts';
import type { Destination, Trigger } from './trigger.ts';

/**
 * True when every subscriber answered, or the dead-letter sink has the event; false: the sender has to keep it. Throws InvalidEvent for
 * one that can never be safe here.
 */
export type Route = (event: CarriedEvent) => Promise<boolean>;

/** The address of a Knative Service, with the destination's `uri` resolved against it. */
export type ResolveSubscriber = (serviceName: string, uri?: string) => string;

/** A reply to a reply to a reply …: beyond this it is taken for a loop. */
export const repliesMax = 16;

export type Routing = {
  route: Route;
  /** What waits for its turn at each trigger. */
  queues: () => QueueState[];
};

export function createRouting(
  triggers: readonly Trigger[],
  resolveSubscriber: ResolveSubscriber,
  dispatch: Omit<Dispatch, 'count'>,
  counter?: DeliveryCounter,
): Routing {
  const lanes = triggers.map((trigger) => ({ trigger, slots: createSlots(trigger.parallelism) }));
  const byType = Map.groupBy(lanes, ({ trigger }) => trigger.filter.type as string);

  const route = async (event: CarriedEvent, replies: number): Promise<boolean> => {
    if (isDeadLetter(event, dispatch.log)) return true;
    const matching = byType.get(event.attributes.type as string)?.filter(({ trigger }) => passes(trigger, event)) ?? [];
    const safe = await Promise.all(matching.map(({ trigger, slots }) => routeTo(trigger, slots, event, replies)));
    return safe.every(Boolean);
  };

  const routeTo = async (trigger: Trigger, slots: Slots, event: CarriedEvent, replies: number): Promise<boolean> => {
    const to = addressOf(trigger.subscriber, resolveSubscriber);
    const delivered = await slots.use(() => deliver(event, to, trigger.delivery, counted(trigger)));
    if (!delivered.done) {
      return !delivered.stopped && (await bury(trigger, event, to, delivered.status, delivered.reason));
    }
    // The slot is free again by now: a reply may match the same trigger, and would wait for ever.
    const { reply } = delivered;
    if (reply === undefined) return true;
    if (reply instanceof InvalidEvent) return await bury(trigger, event, to, -1, reasonOfInvalid(reply));
    if (replies < repliesMax && (await route(reply, replies + 1))) return true;
    return await bury(trigger, event, to, -1, 'the reply could not be published');
  };

  const counted = ({ name }: Trigger): Dispatch => (counter ? { ...dispatch, count: counter.of(name) } : dispatch);

  const bury = async (
    trigger: Trigger,
    event: CarriedEvent,
    to: URL,
    status: number,
    reason: string,
  ): Promise<boolean> => {
    const { id: event_id, type: event_type, traceparent } = event.attributes;
    const sink = addressOf(trigger.deadLetterSink, resolveSubscriber);
    const buried = await deliver(toDeadLetter(event, to, status, reason), sink, trigger.delivery, dispatch);
    const about = { event_id, event_type, traceparent, trigger: trigger.name, status };
    if (buried.done) {
      counter?.of(trigger.name)('dead_lettered');
      dispatch.log.error(about, 'event was given up and is with the dead-letter sink');
    } else dispatch.log.error(about, 'event could not be delivered, nor could its dead letter');
    return buried.done;
  };

  return {
    route: (event) => route(event, 0),
    queues: () =>
      lanes.map(({ trigger: { name, parallelism }, slots }) => ({
        queue: name,
        messages: slots.waiting(),
        consumers: parallelism,
      })),
  };
}

/** As Knative's RabbitMQ broker has it: what was a dead letter once does not go round again, it is dropped. */
export function isDeadLetter({ attributes }: CarriedEvent, log: Logger): boolean {
  if (attributes.knativeerrordest === undefined) return false;
  const { id: event_id, type: event_type, source, traceparent } = attributes;
  log.error({ event_id, event_type, source, traceparent }, 'dead letter came back to the broker and is dropped');
  return true;
}

function passes({ filter }: Trigger, { attributes }: CarriedEvent): boolean {
  for (const name in filter) if (attributes[name] !== filter[name]) return false;
  return true;
}

export function addressOf({ service, uri }: Destination, resolveSubscriber: ResolveSubscriber): URL {
  if (service === undefined) return new URL(uri as string);
  return new URL(uri === undefined ? resolveSubscriber(service) : resolveSubscriber(service, uri));
}
