// An HTTP server that can be stopped without losing a request.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Listener } from './framework.ts';

export type Listening = {
  port: number;
  /** `http://127.0.0.1:8080` */
  url: string;
  /** Takes no more, finishes what is under way (for `graceMs` at most), resolves when every connection is closed. */
  stop: () => Promise<void>;
};

/** Longer than the 90 s after which queue-proxy gives up an idle connection: a request must not meet one we just closed. */
const keepAliveTimeoutMs = 95_000;
const headersTimeoutMs = 100_000;
const requestTimeoutMs = 120_000;
/** Nothing was read or written for so long: of an answer that nobody takes, not a byte more is kept. Longer than any function may think. */
const silenceMsMax = 150_000;

/** Listens on `port` (0: any free one). Rejects when the port is taken. */
export async function listen(
  listener: Listener,
  { port, host, graceMs = 20_000 }: { port: number; host: string; graceMs?: number },
): Promise<Listening> {
  const server = createServer(listener);
  server.keepAliveTimeout = keepAliveTimeoutMs;
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.timeout = silenceMsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    stop: () => stop(server, graceMs),
  };
}

function stop(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A connection that was busy becomes idle once its answer is out, and would then stay open until its time-out.
    const idle = setInterval(() => {
      server.closeIdleConnections();
    }, 50);
    const limit = setTimeout(() => {
      server.closeAllConnections();
    }, graceMs);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(limit);
      resolve();
    });
    server.closeIdleConnections();
  });
}
