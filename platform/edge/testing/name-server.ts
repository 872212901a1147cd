// A name server that knows one name: what the cluster's does for nginx, so that tests run the very configuration.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type NameServer = {
  port: number;
  /** What the name stands for; null: there is no such name. */
  address: string | null;
  stop: () => Promise<void>;
};

export async function startNameServer(address: string | null): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const server: NameServer = {
    port: socket.address().port,
    address,
    stop: () => new Promise((resolve) => socket.close(resolve)),
  };
  socket.on('message', (query, from) => socket.send(answer(query, server.address), from.port, from.address));
  return server;
}

/** To an A question: the question back with one answer, or "no such name" (RFC 1035, 4.1). */
function answer(query: Buffer, address: string | null): Buffer {
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(address === null ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(address === null ? 0 : 1, 6);
  header.writeUInt32BE(0, 8);
  const question = query.subarray(12);
  if (address === null) return Buffer.concat([header, question]);
  // A pointer to the question's name, type A, class IN, one second, four bytes.
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]);
  return Buffer.concat([header, question, record]);
}
