// How much waits in each queue of this broker, and for how many consumers: asked of RabbitMQ itself, over a connection that is there anyway.
import type { Channel, ChannelModel } from 'amqplib';
import type { QueueState } from './delivery-counts.ts';

export type QueueReader = {
  /** Asks over this connection, for as long as it lasts. */
  use: (connection: ChannelModel, lost: AbortSignal) => void;
  /** Nothing while RabbitMQ is away: nobody knows then. */
  read: () => Promise<QueueState[]>;
};

export function createQueueReader(queues: readonly string[]): QueueReader {
  let on: ChannelModel | undefined;
  return {
    use(connection, lost) {
      on = connection;
      lost.addEventListener('abort', () => {
        if (on === connection) on = undefined;
      });
    },
    async read() {
      const connection = on;
      if (connection === undefined) return [];
      let channel: Channel | undefined;
      try {
        channel = await connection.createChannel();
        // RabbitMQ closes the channel of whoever asks for a queue that is not there; the question itself fails as well.
        channel.on('error', () => undefined);
        const states: QueueState[] = [];
        for (const queue of queues) {
          const { messageCount, consumerCount } = await channel.checkQueue(queue);
          states.push({ queue, messages: messageCount, consumers: consumerCount });
        }
        await channel.close();
        return states;
      } catch (error) {
        if (on !== connection) return [];
        throw error;
      }
    },
  };
}
