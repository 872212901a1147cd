// HTTP between simulated processes: messages are lost, doubled and delayed, and answers as well.
import type { PostAnswer, Poster } from '../../post-event.ts';
import type { Labels } from './labels.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export type Received = { url: URL; headers: Readonly<Record<string, string>>; body: Buffer };
export type Handler = (received: Received) => Promise<PostAnswer>;

/** One program at an address. It may be killed, and is started anew by whoever watches over it. */
type Server = { process: Process; handler: Handler };

export type Network = {
  /** Undefined while there is none: connections are refused. */
  servers: Map<string, Server>;
  poster: Poster;
};

export function createNetwork(world: World, labels: Labels): Network {
  const servers = new Map<string, Server>();

  /** Runs the receiver's code; resolves with its answer, rejects when it is killed before. */
  function deliver(received: Received): Promise<PostAnswer> {
    const server = servers.get(received.url.hostname);
    if (!server?.process.alive) return Promise.reject(disconnected('ECONNREFUSED'));
    return new Promise((resolve, reject) => {
      const killed = (): void => reject(disconnected('ECONNRESET'));
      server.process.onKilled.add(killed);
      world
        .run(server.process, () => server.handler(received))
        .then(
          (answer) => {
            server.process.onKilled.delete(killed);
            resolve(answer);
          },
          (error: unknown) => reject(error as Error),
        );
    });
  }

  async function exchange(received: Received, what: string): Promise<PostAnswer> {
    let answering: Promise<PostAnswer> | undefined;
    await world.operation(what, () => {
      if (world.fault('request lost', 0.04)) throw disconnected('ECONNRESET');
      if (world.fault('request doubled', 0.04)) deliver(received).catch(() => undefined);
      answering = deliver(received);
      // Whoever sent it may be gone by the time it is answered.
      answering.catch(() => undefined);
    });
    const answer = await (answering as unknown as Promise<PostAnswer>).catch((error: unknown) => error as Error);
    return world.operation(`hears of ${what}: ${answer instanceof Error ? answer.message : answer.status}`, () => {
      if (answer instanceof Error) throw answer;
      if (world.fault('answer lost', 0.06)) throw disconnected('ECONNRESET');
      return answer;
    });
  }

  return {
    servers,
    poster: {
      async post(url, headers, body, timeoutMs) {
        const received = { url, headers, body: Buffer.from(body) };
        const what = [
          `POST ${url.hostname}${url.pathname.replace(/\d+/, '…')}`,
          ...labels.listOf([headers['ce-id'], headers['ce-type'] === undefined ? '' : String(body)]),
        ].join(' ');
        return new Promise((resolve, reject) => {
          const late = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
          exchange(received, what)
            .then(resolve, reject)
            .finally(() => clearTimeout(late));
        });
      },
      close: () => undefined,
    },
  };
}

function disconnected(code: string): Error {
  return Object.assign(new Error(code), { code });
}
