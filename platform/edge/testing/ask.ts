// Sends a request as it is written, dots, slashes and percent signs included; `fetch` would tidy its path up.
import { request, type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string };
type Request = {
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
  /** Keeps the connection, and so the process of nginx that answers. */
  agent?: Agent;
};

export function ask(
  url: string,
  path: string,
  { method = 'GET', headers = {}, body, agent }: Request = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers, agent: agent ?? false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
