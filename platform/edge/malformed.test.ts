// What nginx itself has another opinion of than Node: refused as problems, and sent to no function.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEdge, type Edge } from './testing/start-edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ clientSeconds: 1 });
});
afterAll(async () => edge.stop());

test.each([
  [400, 'GET /api/accounts/%zz HTTP/1.1\r\nHost: x'],
  [400, 'GET /api/accounts/%00 HTTP/1.1\r\nHost: x'],
  [400, 'GET /../../etc/passwd HTTP/1.1\r\nHost: x'],
  [400, 'GET /api/accounts HTTP/1.1'],
  [400, 'get /api/accounts HTTP/1.1\r\nHost: x'],
  [405, 'TRACE /api/accounts HTTP/1.1\r\nHost: x'],
  [414, `GET /api/accounts?q=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x`],
  [431, `GET /api/accounts HTTP/1.1\r\nHost: x\r\nAccept: ${'x'.repeat(20_000)}`],
])('answers %i to %.40s', async (status, head) => {
  edge.upstream.seen = [];
  const answer = await exchange(edge.port, `${head}\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toContain('Content-Type: application/problem+json');
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ status });
  expect(edge.upstream.seen).toEqual([]);
});

test('answers http on the port of https with a problem', async () => {
  const answer = await exchange(edge.httpsPort, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1.1 400 [^]*application\/problem\+json/);
});

test.each([
  ['in its headers', 'GET /api/users HTTP/1.1\r\nHost: x\r\n'],
  ['in its body', 'POST /api/deposits HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{'],
])('lets go of a client that stops %s, without a function waiting for it', async (_where, start) => {
  const socket = connect(edge.port, '127.0.0.1');
  socket.on('error', () => undefined); // It may be reset.
  socket.resume();
  socket.write(start);
  await new Promise((resolve) => socket.once('close', resolve));
  expect(edge.upstream.seen).toEqual([]);
});

async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1').write(text);
  return ((await socket.toArray()) as string[]).join('');
}
