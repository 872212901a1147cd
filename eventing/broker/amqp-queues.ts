// How much waits in each queue of this broker, and for how many consumers: asked of RabbitMQ itself, over a connection that is there anyway.
// Over the one that publishes where there is no other: a consumer that RabbitMQ refuses is just what has to be seen.
import type { Channel, ChannelModel } from 'amqplib';
import type { QueueState } from './delivery-counts.ts';

type Purpose = 'publishes' | 'delivers';

export type QueueReader = {
  /** Asks over this connection, for as long as it lasts; over one that `publishes`, which RabbitMQ may keep waiting, if need be. */
  use: (purpose: Purpose, connection: ChannelModel, lost: AbortSignal) => void;
  /** Nothing while RabbitMQ is away: nobody knows then. */
  read: () => Promise<QueueState[]>;
};

export function createQueueReader(queues: readonly string[]): QueueReader {
  const up: Record<Purpose, ChannelModel | undefined> = { publishes: undefined, delivers: undefined };
  return {
    use(purpose, connection, lost) {
      up[purpose] = connection;
      lost.addEventListener('abort', () => {
        if (up[purpose] === connection) up[purpose] = undefined;
      });
    },
    async read() {
      const connection = up.delivers ?? up.publishes;
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
        if (!Object.values(up).includes(connection)) return [];
        throw error;
      }
    },
  };
}
