// A Job starts before its pod's network does, and must not fail for it.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { awaitServers } from './await-servers.ts';

test('waits for a server that takes connections a moment later', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const began = performance.now();
  setTimeout(() => server.listen(port, '127.0.0.1'), 600);
  await awaitServers([7, 'no address', `postgres://role:password@127.0.0.1:${port}/ledger`]);
  expect(performance.now() - began).toBeGreaterThan(590);
  server.close();
});

test('leaves one that does not come to the program', async () => {
  const began = performance.now();
  await awaitServers(['postgres://role@127.0.0.1:1/ledger'], 300);
  expect(performance.now() - began).toBeLessThan(2_000);
});
