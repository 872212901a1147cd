// A port of this machine that is taken for as long as a test needs it.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

export async function listenOnce(): Promise<AsyncDisposable & { number: number }> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    number: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
