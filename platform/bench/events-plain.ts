// The yardstick: publish with confirms and consume with acknowledgements by amqplib alone, through a quorum queue.
import { connect } from 'amqplib';

const queue = 'yardstick';

/** Sends `count` messages, `concurrency` of them unconfirmed and as many unacknowledged at once; resolves with the ms until all were consumed. */
export async function measurePlain(url: string, content: Buffer, count: number, concurrency: number): Promise<number> {
  // Two connections, as RabbitMQ advises and the bank's broker has.
  const [sending, receiving] = await Promise.all([connect(url, { noDelay: true }), connect(url, { noDelay: true })]);
  try {
    const [sender, receiver] = await Promise.all([sending.createConfirmChannel(), receiving.createChannel()]);
    await receiver.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await receiver.prefetch(concurrency);
    const startedAt = performance.now();
    const consumed = new Promise<void>((resolve) => {
      let received = 0;
      void receiver.consume(queue, (message) => {
        if (message) receiver.ack(message);
        if (++received === count) resolve();
      });
    });
    let sent = 0;
    const confirmed = new Promise<void>((resolve, reject) => {
      let confirms = 0;
      const send = (): void => {
        if (sent++ >= count) return;
        sender.sendToQueue(queue, content, { persistent: true, contentType: 'application/json' }, (error: unknown) => {
          if (error) return reject(new Error('RabbitMQ did not take a message', { cause: error }));
          if (++confirms === count) return resolve();
          send();
        });
      };
      for (let i = 0; i < concurrency; i++) send();
    });
    await Promise.all([confirmed, consumed]);
    return performance.now() - startedAt;
  } finally {
    await Promise.all([sending.close(), receiving.close()]);
  }
}
