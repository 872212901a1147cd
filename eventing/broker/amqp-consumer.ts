// Takes messages from one queue, so many at once, and gives each back to RabbitMQ as done or not done.
import { setMaxListeners } from 'node:events';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Logger } from 'pino';
import { createSlots } from './slots.ts';

/** `requeue`: the message stays in its queue and comes again. */
export type Verdict = 'ack' | 'requeue';

export type Consumer = {
  /** Takes messages over this connection, for as long as it lasts. */
  use: (connection: ChannelModel, lost: AbortSignal, giveUp: (reason: string) => void) => Promise<void>;
  /** Takes no more messages, and resolves when those under way are done. */
  stop: () => Promise<void>;
};

export type ConsumerSettings = {
  queue: string;
  /** Messages under way at once. */
  parallelism: number;
  /** May take its time, until the signal is aborted: then the message is somebody else's, or will be. */
  handle: (message: ConsumeMessage, signal: AbortSignal) => Promise<Verdict>;
  stopping: AbortSignal;
  log: Logger;
};

export function createConsumer({ queue, parallelism, handle, stopping, log }: ConsumerSettings): Consumer {
  // They outlive a connection. After a loss RabbitMQ delivers again what is still under way here; it waits for the first to end.
  const slots = createSlots(parallelism);
  const underWay = new Set<Promise<void>>();
  let cancel = async (): Promise<void> => {};
  let leave = async (): Promise<void> => {};

  const work = async (channel: Channel, message: ConsumeMessage, signal: AbortSignal): Promise<void> => {
    const verdict = await slots.use(async () => (signal.aborted ? 'requeue' : handle(message, signal)));
    try {
      // Only now: a crash before this means a second delivery, which consumers recognise by source and id.
      if (verdict === 'ack') channel.ack(message);
      else channel.nack(message, false, true);
    } catch (error) {
      log.debug({ queue, err: error }, 'message could not be settled; RabbitMQ has it back already');
    }
  };

  return {
    async use(connection, lost, giveUp) {
      if (stopping.aborted) return;
      const signal = AbortSignal.any([stopping, lost]);
      setMaxListeners(0, signal); // Each delivery that waits for its next try listens; parallelism is their limit.
      const channel = await connection.createChannel();
      channel.on('error', (error) => giveUp(`the channel of ${queue} failed: ${error.message}`));
      const onClose = (): void => giveUp(`the channel of ${queue} was closed`);
      channel.on('close', onClose);
      await channel.prefetch(parallelism);
      const { consumerTag } = await channel.consume(queue, (message) => {
        if (message === null) return giveUp(`${queue} was deleted`);
        const working = work(channel, message, signal)
          .catch((error: unknown) => log.error({ queue, err: error }, 'message could not be handled'))
          .finally(() => underWay.delete(working));
        underWay.add(working);
      });
      cancel = async () => {
        if (!lost.aborted) await channel.cancel(consumerTag).catch(() => undefined); // Lost meanwhile: as good.
      };
      leave = async () => {
        channel.off('close', onClose);
        if (!lost.aborted) await channel.close().catch(() => undefined);
      };
    },
    async stop() {
      await cancel();
      await Promise.all(underWay);
      // The last acknowledgements wait in the channel, and the end of the connection would overtake them.
      await leave();
    },
  };
}
