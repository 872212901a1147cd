// Stands for Kourier: records every request, and answers with what it was, or as a test says.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

type Seen = { method: string; url: string; headers: IncomingHttpHeaders; body: string; remotePort: number };
export type Upstream = {
  port: number;
  seen: Seen[];
  /** For the next requests, until `reset`. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  reset: () => void;
  stop: () => Promise<void>;
};

export async function startUpstream(): Promise<Upstream> {
  const echo = (_request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(upstream.seen.at(-1)));
  };
  const server = createServer((request, response) => {
    void readText(request).then((body) => {
      const { method = '', url = '', headers, socket } = request;
      upstream.seen.push({ method, url, headers, body, remotePort: socket.remotePort ?? 0 });
      upstream.answer(request, response);
    });
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const upstream: Upstream = {
    port: (server.address() as AddressInfo).port,
    seen: [],
    answer: echo,
    reset() {
      upstream.seen = [];
      upstream.answer = echo;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return upstream;
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += String(chunk);
  return text;
}
