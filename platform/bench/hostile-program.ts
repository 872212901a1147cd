// Those who mean harm, in a process of their own, so that what they cost themselves is not measured as the bank's. They come back
// after some seconds, whatever they are told. Started by hostile-bench.ts, which says by its message whom to be.
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export type Hostility = {
  origin: string;
  tokens: string[];
  streams: number;
  registrations: number;
  slowReaders: number;
  comeBackMs: number;
};
/** By what they did and how it was answered. */
export type Harm = Record<string, number>;

const harm: Harm = {};
const count = (what: string): void => void (harm[what] = (harm[what] ?? 0) + 1);

process.on('message', (message: Hostility | 'report') => {
  if (message === 'report') process.send?.(harm);
  else begin(message);
});

function begin({ origin, tokens, streams, registrations, slowReaders, comeBackMs }: Hostility): void {
  for (let i = 0; i < streams; i++) void forEver(comeBackMs, () => holdStream(origin, tokens[i % tokens.length] ?? ''));
  for (let i = 0; i < registrations; i++) void forEver(comeBackMs, () => register(origin, i));
  for (let i = 0; i < slowReaders; i++)
    void forEver(comeBackMs, () => readSlowly(origin, tokens[i % tokens.length] ?? '', i));
}

async function forEver(comeBackMs: number, harmOnce: () => Promise<string>): Promise<never> {
  // Not all in one instant, which is over in another.
  await sleep(Math.random() * comeBackMs);
  for (;;) {
    count(await harmOnce().catch((error: unknown) => `connection failed: ${(error as { code?: string }).code ?? ''}`));
    await sleep(comeBackMs);
  }
}

function ask(origin: string, method: string, path: string, headers: Record<string, string>, body = '') {
  return new Promise<IncomingMessage>((resolve, reject) => {
    // A connection each: nobody waits for anybody.
    const asking = request(`${origin}/api${path}`, { method, agent: false, headers }, resolve);
    asking.on('error', reject);
    asking.end(body);
  });
}

async function holdStream(origin: string, token: string): Promise<string> {
  const response = await ask(origin, 'GET', '/notifications/stream', { authorization: `Bearer ${token}` });
  count(`stream: ${response.statusCode}`);
  await finished(response.resume());
  return 'stream: ended';
}

let people = 0;
async function register(origin: string, who: number): Promise<string> {
  const email = `hostile-${process.pid}-${who}-${people++}@example.com`;
  const body = JSON.stringify({ name: 'Hostile Person', email, password: `hostile words ${people} of no use` });
  const response = await ask(origin, 'POST', '/users', { 'content-type': 'application/json' }, body);
  response.resume();
  return `registration: ${response.statusCode}`;
}

/** Every second one reads nothing of a long answer; the others send their request a byte at a time. */
function readSlowly(origin: string, token: string, who: number): Promise<string> {
  const { hostname, port, host } = new URL(origin);
  const isReader = who % 2 === 0;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const head = `Host: ${host}\r\nAuthorization: Bearer ${token}\r\n`;
    socket.on('error', reject);
    socket.on('close', () => resolve(`${isReader ? 'slow reader' : 'slow sender'}: closed`));
    socket.on('connect', () => {
      count(isReader ? 'slow reader: connected' : 'slow sender: connected');
      if (isReader) socket.pause().write(`GET /api/openapi.json HTTP/1.1\r\n${head}\r\n`);
      else void drip(socket, `POST /api/deposits HTTP/1.1\r\n${head}Content-Length: 60000\r\n\r\n`);
    });
  });
}

async function drip(socket: ReturnType<typeof connect>, head: string): Promise<void> {
  socket.write(head);
  for (; socket.writable; await sleep(5_000)) socket.write(' ');
}
