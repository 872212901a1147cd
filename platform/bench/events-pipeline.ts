// Events on their way from the outbox through a broker to a consumer that only counts them.
import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';
import { sweep } from '../../eventing/outbox/sweep.ts';
import { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import { createLog } from '../../functions/shared/watch/log.ts';

export type CountingConsumer = {
  url: string;
  /** Forgets what came, and resolves when so many different events have come. */
  expect: (count: number) => Promise<void>;
  close: () => void;
};

export async function startCountingConsumer(): Promise<CountingConsumer> {
  const seen = new Set<string>();
  let expected = Infinity;
  let done = (): void => undefined;
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(204).end();
      seen.add(String(request.headers['ce-id']));
      if (seen.size === expected) done();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    expect(count) {
      seen.clear();
      expected = count;
      return new Promise((resolve) => (done = resolve));
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Pipeline = { outbox: pg.Pool; admin: pg.Pool; brokerUrl: string; consumer: CountingConsumer };

/** Sweeps an outbox of `count` events, `concurrency` of them under way at once; resolves with the ms until the consumer had all. */
export async function measurePipeline(
  { outbox, admin, brokerUrl, consumer }: Pipeline,
  count: number,
  concurrency: number,
): Promise<number> {
  await admin.query('TRUNCATE outbox');
  await admin.query(
    `INSERT INTO outbox (type, source, subject, time, data, partitionkey, sequence, next_attempt_at)
     SELECT $1, '/microbank/deposit', 'transactions/' || i, now(), $2, i, i, now() - interval '1 second'
     FROM generate_series(1, $3::int) AS i`,
    [transactionCompleted.type, JSON.stringify(transactionCompleted.example), count],
  );
  await admin.query('VACUUM ANALYZE outbox');
  const received = consumer.expect(count);
  const startedAt = performance.now();
  const log = createLog('warn');
  const limits = { concurrencyMax: concurrency, claimMax: count, claimForMs: 120_000 };
  const [swept] = await Promise.all([sweep({ pool: outbox, brokerUrl, log, ...limits }), received]);
  if (swept.handedOver !== count) throw new Error(`of ${count} events ${swept.handedOver} were handed over`);
  return performance.now() - startedAt;
}
