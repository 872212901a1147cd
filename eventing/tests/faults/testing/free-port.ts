// Ports for servers that are stopped and started again at the same place.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const triesMax = 100;

/** Below the range that outgoing connections take theirs from: one of those could have it while the server is away. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < triesMax; tries++) {
    const port = randomInt(15_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new Error('found no free port');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
