// A real HTTP server for tests that stands where a subscriber, a dead-letter sink or a broker would, and keeps what it gets.
import { once } from 'node:events';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string; bytes: Buffer };
export type ToAnswer = { status: number; headers?: http.OutgoingHttpHeaders; body?: string };

export type Subscriber = {
  url: string;
  received: Received[];
  /** Ids of the events received, in order. */
  ids: () => (string | string[] | undefined)[];
  close: () => Promise<void>;
};

/** `answer` may be slow, or throw to close the connection without an answer. Ends with the test that asked for it. */
export async function givenSubscriber(
  answer: (received: Received, count: number) => ToAnswer | Promise<ToAnswer> = () => ({ status: 204 }),
): Promise<Subscriber> {
  const received: Received[] = [];
  const server = http.createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const got = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: bytes.toString(),
        bytes,
      };
      const count = received.push(got);
      const { status, headers = {}, body = '' } = await answer(got, count);
      response.writeHead(status, headers).end(body);
    })().catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const subscriber: Subscriber = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    ids: () => received.map(({ headers }) => headers['ce-id']),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  onTestFinished(() => subscriber.close());
  return subscriber;
}
