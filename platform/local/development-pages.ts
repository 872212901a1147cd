// The web UI of `npm run dev`: Vite in this process compiles what is asked for, and tells open pages over a WebSocket what has changed.
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { splitTarget } from '../../functions/shared/serving/exchange.ts';
import { answerUnmatched, type Listener } from '../../functions/shared/serving/listener.ts';
import { ownPages } from '../../web/build/page-headers.ts';
import { guardFiles } from './development-files.ts';
import { isForLocalName } from './local-names.ts';
import { checkout } from './settings.ts';

/** No content security policy: Vite inlines styles. */
export async function openDevelopmentPages(undo: AsyncDisposableStack): Promise<Listener> {
  const { createServer } = await import('vite');
  const configFile = new URL('../../web/vite.config.ts', import.meta.url).pathname;
  const asked = await guardFiles(checkout);
  const { sockets, port } = await openSockets(undo);
  const ws = { server: sockets, clientPort: port };
  const vite = await createServer({
    configFile,
    appType: 'spa',
    logLevel: 'warn',
    server: { middlewareMode: true, ws },
  });
  undo.defer(() => vite.close());

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { path, search } = splitTarget(request.url);
    const kind = await asked(path);
    if (kind === 'nothing') return answerUnmatched(request, response, { kind: 'unknown' });
    const file = search ? `${path}?${search}` : path;
    // Of a page Vite gets no path that it could make a file of.
    request.url = kind === 'page' ? (ownPages[path] ?? '/') : file;
    vite.middlewares(request, response);
  };
  return (request, response) => void serve(request, response);
}

/**
 * Where pages hear of changes. A socket of our own: Vite's listens on every interface and always on one port, which a second
 * `npm run dev` finds taken; and it takes any address for a name of ours.
 */
async function openSockets(undo: AsyncDisposableStack): Promise<{ sockets: Server; port: number }> {
  const door = createHttpServer((_request, response) => response.writeHead(426).end());
  // Vite listens to this one, which itself listens nowhere.
  const sockets = createHttpServer();
  door.on('upgrade', (request, socket, head) => {
    if (isForLocalName(request)) sockets.emit('upgrade', request, socket, head);
    else socket.end('HTTP/1.1 421 Misdirected Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  undo.defer(async () => {
    const closed = once(door, 'close');
    door.close();
    door.closeAllConnections();
    await closed;
  });
  return { sockets, port: (door.address() as AddressInfo).port };
}
