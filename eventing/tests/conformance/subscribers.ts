// The suite's own subscribers: one HTTP server, one path for each trigger, answering each event as its case says.
import { once } from 'node:events';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readAttributes } from './event-to-send.ts';

export type Delivered = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  attributes: Record<string, string>;
  body: Buffer;
  /** Milliseconds, monotonic. */
  at: number;
};

/** `close`: the connection ends without an answer. */
export type ToAnswer = { status: number; headers?: Record<string, string>; body?: Buffer | string } | 'close';
/** `count` is 1 for the first delivery of the event at this path. May take as long as it likes. */
type Answer = (count: number) => ToAnswer | Promise<ToAnswer>;

export type Subscribers = {
  /** Where a broker reaches the subscriber of a trigger. */
  addressOf: (path: string) => string;
  /** An address of the same host where nothing listens. */
  nowhere: string;
  /** Until told otherwise every event is answered with the status that all are. */
  whenDelivered: (path: string, id: string, answer: Answer) => void;
  /** What came for one event, in order. */
  deliveries: (path: string, id: string) => Delivered[];
  /** Ids in the order in which they came to a path. */
  ids: (path: string) => string[];
  close: () => Promise<void>;
};

export type SubscriberPlace = {
  /** The interface to listen on. */
  listenOn: string;
  /** The name or address that the broker knows this machine by. */
  host: string;
  /** 0: any free port. */
  port: number;
};

export async function serveSubscribers(place: SubscriberPlace, status = 204): Promise<Subscribers> {
  const log: Delivered[] = [];
  const answers = new Map<string, Answer>();
  const server = http.createServer((request, response) => {
    void receive(request)
      .then(async (delivered) => {
        log.push(delivered);
        const { path, attributes } = delivered;
        const count = log.filter((other) => other.path === path && other.attributes.id === attributes.id).length;
        const answer = (await answers.get(keyOf(path, attributes.id ?? ''))?.(count)) ?? { status };
        if (answer === 'close') request.socket.destroy();
        else response.writeHead(answer.status, answer.headers).end(answer.body);
      })
      .catch(() => request.socket.destroy());
  });
  server.listen(place.port, place.listenOn);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    addressOf: (path) => `http://${place.host}:${port}${path}`,
    nowhere: `http://${place.host}:9/`, // The discard port.
    whenDelivered: (path, id, answer) => answers.set(keyOf(path, id), answer),
    deliveries: (path, id) => log.filter((one) => one.path === path && one.attributes.id === id),
    ids: (path) => log.filter((one) => one.path === path).map(({ attributes }) => attributes.id ?? ''),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function receive(request: http.IncomingMessage): Promise<Delivered> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    attributes: readAttributes(request.headers),
    body: Buffer.concat(chunks),
    at: performance.now(),
  };
}

function keyOf(path: string, id: string): string {
  return `${path} ${id}`;
}
