// A network between a page and the bank that a test can cut, silence or take away.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Connection = {
  url: string;
  /** Ends the connections that there are; new ones are taken. */
  cut: () => void;
  /** Nothing gets through any more, on connections old and new, and nobody is told. */
  silence: () => void;
  /** New connections are ended at once. */
  refuse: () => void;
  /** As in the beginning. What was silenced or cut does not come back. */
  restore: () => void;
  stop: () => Promise<void>;
};

export async function startConnection(bankPort: number): Promise<Connection> {
  const sockets = new Set<Socket>();
  let state: 'up' | 'silent' | 'refusing' = 'up';

  const server = createServer((page) => {
    if (state === 'refusing') {
      page.resetAndDestroy();
      return;
    }
    const ends = [page, connect(bankPort, '127.0.0.1')] as const;
    for (const [index, end] of ends.entries()) {
      sockets.add(end);
      const other = ends[1 - index];
      end.on('data', (chunk) => {
        if (state !== 'silent') other?.write(chunk);
      });
      // An end that was cut may say so; what matters is that the other end goes too.
      end.on('error', () => undefined);
      end.on('close', () => {
        sockets.delete(end);
        other?.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    silence: () => (state = 'silent'),
    refuse: () => (state = 'refusing'),
    restore: () => (state = 'up'),
    async stop() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
