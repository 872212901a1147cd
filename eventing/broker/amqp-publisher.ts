// Publishes events and says whether RabbitMQ has them on disk. It never waits for a RabbitMQ that is away, full or silent.
import type { ChannelModel, ConfirmChannel, Message } from 'amqplib';
import type { Logger } from 'pino';
import { toMessage } from './amqp-message.ts';
import type { CarriedEvent } from '../events/carried-event.ts';

/**
 * `unroutable`: RabbitMQ confirmed it, but no queue has it. `unsafe`: it may be lost, and must be sent again. `impossible`: AMQP has no
 * form for it, so sending it again would only fail again.
 */
type Published = 'safe' | 'unroutable' | 'unsafe' | 'impossible';

export type Publisher = {
  publish: (exchange: string, event: CarriedEvent, replies: number) => Promise<Published>;
  /** Gives it a connection to publish on, for as long as that lasts. */
  use: (connection: ChannelModel, lost: AbortSignal, giveUp: (reason: string) => void) => Promise<void>;
};

type Waiting = { resolve: (published: Published) => void; returned: boolean; timer: NodeJS.Timeout };
type Line = { channel: ConfirmChannel; waiting: Map<string, Waiting>; blocked: boolean };

/** Less than the 10 s that a sender waits for our answer. */
const defaultConfirmTimeoutMs = 8_000;
/** Unconfirmed at once. The ingress and the triggers' parallelism set closer limits; this one is for their sum. */
const waitingMax = 4_096;

export function createPublisher(log: Logger, confirmTimeoutMs = defaultConfirmTimeoutMs): Publisher {
  let line: Line | undefined;
  let count = 0;

  return {
    publish(exchange, event, replies) {
      const on = line;
      if (on === undefined || on.blocked || on.waiting.size >= waitingMax) return Promise.resolve('unsafe');
      const { content, options } = toMessage(event, replies);
      const correlationId = String(++count);
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(on, correlationId, 'unsafe'), confirmTimeoutMs);
        on.waiting.set(correlationId, { resolve, returned: false, timer });
        const confirmed = (error: unknown): void => {
          const unroutable = on.waiting.get(correlationId)?.returned === true;
          settle(on, correlationId, error ? 'unsafe' : unroutable ? 'unroutable' : 'safe');
        };
        try {
          on.channel.publish(exchange, '', content, { ...options, mandatory: true, correlationId }, confirmed);
        } catch (error) {
          log.warn({ event_id: event.attributes.id, event_type: event.attributes.type, err: error }, 'publish failed');
          settle(on, correlationId, isAboutTheMessage(error) ? 'impossible' : 'unsafe');
        }
      });
    },
    async use(connection, lost, giveUp) {
      const channel = await connection.createConfirmChannel();
      const next: Line = { channel, waiting: new Map(), blocked: false };
      // The channel's end is the connection's: one that stayed would leave every later publish without a channel.
      channel.on('error', (error) => giveUp(`the channel failed: ${error.message}`));
      channel.on('close', () => giveUp('the channel was closed'));
      channel.on('return', ({ properties }: Message) => {
        const waiting = next.waiting.get(String(properties.correlationId));
        if (waiting) waiting.returned = true; // RabbitMQ says this before it confirms.
      });
      connection.on('blocked', (reason: string) => {
        log.warn({ reason }, 'RabbitMQ takes no events for now');
        next.blocked = true;
        abandon(next);
      });
      connection.on('unblocked', () => {
        log.info('RabbitMQ takes events again');
        next.blocked = false;
      });
      lost.addEventListener('abort', () => {
        if (line === next) line = undefined;
        abandon(next);
      });
      if (!lost.aborted) line = next;
    },
  };
}

/** As amqplib's encoder throws, before anything is sent; of the connection it speaks with errors of other classes. */
function isAboutTheMessage(error: unknown): boolean {
  return error instanceof RangeError || error instanceof TypeError;
}

/** What is unconfirmed may arrive all the same: then it arrives twice, which every consumer has to stand. */
function abandon(line: Line): void {
  for (const id of [...line.waiting.keys()]) settle(line, id, 'unsafe');
}

function settle({ waiting }: Line, id: string, published: Published): void {
  const found = waiting.get(id);
  if (!found) return;
  waiting.delete(id);
  clearTimeout(found.timer);
  found.resolve(published);
}
