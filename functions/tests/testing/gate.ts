// A gate before a TCP server: passes everything on, holds the answers back, or is shut as if nobody listened there.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll } from 'vitest';

export type Gate = {
  /** The server's address, with the gate in place of its host and port. */
  url: string;
  /** From now on nothing that the server says gets through; what clients say still does. */
  holdAnswers: () => void;
  /** Breaks every connection and refuses new ones. */
  shut: () => Promise<void>;
  /** Listens again, at the same address. */
  open: () => Promise<void>;
};

const shutters: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(shutters.splice(0).map((shut) => shut())));

/** `serverUrl` has a port; the gate is open at first. */
export async function givenGate(serverUrl: string): Promise<Gate> {
  const server = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isHolding = false;
  let port = 0;

  const listener = createServer((client) => {
    const upstream = connect(Number(server.port), server.hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      // A broken connection is what a gate is for; the other side learns of it by the close.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (!isHolding) client.write(bytes);
    });
  });

  async function open(): Promise<void> {
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
    port = (listener.address() as AddressInfo).port;
  }
  async function shut(): Promise<void> {
    if (!listener.listening) return;
    const closed = once(listener, 'close');
    listener.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  await open();
  shutters.push(shut);
  const url = new URL(server);
  url.host = `127.0.0.1:${port}`;
  return { url: url.href, holdAnswers: () => void (isHolding = true), shut, open };
}
