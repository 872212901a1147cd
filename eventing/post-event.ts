// Sends one CloudEvent over HTTP and reads the answer: the hand-over, the relay and the broker all post with it.
import http from 'node:http';
import https from 'node:https';

export type PostAnswer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
};

export type Poster = {
  /**
   * Resolves with any HTTP answer; rejects when there is none (refused, reset, timed out, answer too large).
   * `timeoutMs` covers everything from connecting to the last byte of the answer.
   */
  post: (
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string | Buffer,
    timeoutMs: number,
  ) => Promise<PostAnswer>;
  /** Ends idle connections at once, and those in use as well. */
  close: () => void;
};

/** What a consumer may answer at most; more is treated as no answer. Large enough for any reply event (1 MiB). */
const answerMaxBytes = 1024 * 1024;

/** `connectionsMax` is per host; what exceeds it waits for a free connection, within its own timeout. */
export function createPoster(connectionsMax: number): Poster {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: connectionsMax }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: connectionsMax }),
  };

  let closed = false;

  return {
    post(url, headers, body, timeoutMs) {
      if (closed) return Promise.reject(new Error('the connections of this process are closed'));
      const protocol = url.protocol === 'https:' ? 'https:' : 'http:';
      const options: http.RequestOptions = {
        agent: agents[protocol],
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path: url.pathname + url.search,
        method: 'POST',
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      };
      const send = (): Promise<PostAnswer> =>
        postOnce(protocol === 'https:' ? https.request : http.request, options, body, timeoutMs);
      return send().catch((error: unknown) => {
        // The other side may close an idle connection in the moment we use it; that says nothing about the event.
        if (error instanceof StaleConnection && !closed) return send();
        throw error;
      });
    },
    close() {
      closed = true;
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}

class StaleConnection extends Error {}

function postOnce(
  request: (options: http.RequestOptions) => http.ClientRequest,
  options: http.RequestOptions,
  body: string | Buffer,
  timeoutMs: number,
): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(options);
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    let answered = false;

    const fail = (error: Error): void => {
      clearTimeout(timer);
      const code = (error as NodeJS.ErrnoException).code;
      const stale = outgoing.reusedSocket && !answered && (code === 'ECONNRESET' || code === 'EPIPE');
      reject(stale ? new StaleConnection(error.message, { cause: error }) : error);
    };

    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      answered = true;
      const chunks: Buffer[] = [];
      let length = 0;
      incoming.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > answerMaxBytes) outgoing.destroy(new Error(`the answer exceeds ${answerMaxBytes} bytes`));
        else chunks.push(chunk);
      });
      incoming.on('error', fail);
      incoming.on('end', () => {
        clearTimeout(timer);
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks, length) });
      });
    });
    outgoing.end(body);
  });
}
