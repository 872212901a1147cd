// A body that ends before it should.
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { expect, test } from 'vitest';
import { ClientGone, readBody } from './body.ts';

test('tells a sender who went away from a fault, and is done once when the body is complete', async () => {
  const outcomes: unknown[] = [];
  const server = createServer((request, response) => {
    readBody(request)
      .then(String, (error: unknown) => error)
      .then((outcome) => {
        outcomes.push(outcome);
        response.end();
      }, expect.unreachable);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };

  const whole = httpRequest({ port, method: 'POST' }, (response) => response.resume()).end('all of it');
  await once(whole, 'close');
  const broken = httpRequest({ port, method: 'POST', headers: { 'content-length': 100 } }).on('error', () => undefined);
  await new Promise((resolve) => broken.write('half', resolve));
  setTimeout(() => broken.destroy(), 20);
  await expect.poll(() => outcomes).toEqual(['all of it', expect.any(ClientGone)]);
  server.close();
});
