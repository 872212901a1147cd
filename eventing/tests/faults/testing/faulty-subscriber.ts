// Stands between the broker and the functions, and spoils notify's answers in the way that a test wants.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createPoster, type Poster } from '../../../post-event.ts';

/** What comes instead of an answer; a number is the status of one. */
export type Fault = number | 'silence' | 'closed socket';

export type FaultySubscriber = {
  /** Functions are at `<url>/<name>`. */
  url: string;
  /** Where the functions really are. */
  setTarget: (url: string) => void;
  /** Undefined: all is well. Of the requests so spoiled, every second one has reached notify all the same. */
  setFault: (fault: (() => Fault) | undefined) => void;
  /** Requests spoiled so far. */
  spoiled: () => number;
  close: () => void;
};

const ofThisHop: ReadonlySet<string> = new Set(['host', 'connection', 'content-length']);
const forwardTimeoutMs = 40_000;

export async function startFaultySubscriber(): Promise<FaultySubscriber> {
  let target = '';
  let fault: (() => Fault) | undefined;
  let spoiled = 0;
  const poster = createPoster(64);
  const server = http.createServer((request, response) => {
    const isSpoiled = fault !== undefined && request.url?.startsWith('/notify');
    const happening = isSpoiled ? (fault as () => Fault)() : undefined;
    const reaches = happening === undefined || spoiled++ % 2 === 0;
    void answer(poster, target, request, response, happening, reaches).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setTarget: (url) => (target = url),
    setFault: (next) => (fault = next),
    spoiled: () => spoiled,
    close() {
      server.close();
      server.closeAllConnections();
      poster.close();
    },
  };
}

async function answer(
  poster: Poster,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  reaches: boolean,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = Object.fromEntries(
    Object.entries(request.headers as Record<string, string>).filter(([name]) => !ofThisHop.has(name)),
  );
  const url = new URL(request.url ?? '/', target);
  const answered = reaches ? await poster.post(url, headers, Buffer.concat(chunks), forwardTimeoutMs) : undefined;
  if (fault === 'silence') return;
  if (fault === 'closed socket') {
    request.socket.destroy();
    return;
  }
  if (fault !== undefined || !answered) {
    response.writeHead(fault ?? 502).end();
    return;
  }
  const type = answered.headers['content-type'];
  response.writeHead(answered.status, type === undefined ? {} : { 'content-type': String(type) }).end(answered.body);
}
