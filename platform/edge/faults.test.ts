// What the edge says when a function, or the way to it, breaks.
import { Agent } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask } from './testing/ask.ts';
import { startEdge, type Edge } from './testing/start-edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ answerSeconds: 2 });
});
beforeEach(() => edge.upstream.reset());
afterAll(async () => edge.stop());

function problemOf(body: string): unknown {
  const { status, code } = JSON.parse(body) as { status: number; code: string };
  return { status, code };
}

test('sends a change once, although the connection broke before the answer', async () => {
  edge.upstream.answer = (_request, response) => void response.socket?.destroy();
  for (const [method, path] of [
    ['POST', '/api/deposits'],
    ['DELETE', '/api/users/7'],
  ] as const) {
    edge.upstream.seen = [];
    const { status, headers, body } = await ask(edge.url, path, { method });
    expect(status).toBe(502);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '1' });
    expect(problemOf(body)).toEqual({ status: 502, code: 'unavailable' });
    expect(edge.upstream.seen.map((seen) => seen.method)).toEqual([method]);
  }
});

test('sends a read again when a kept connection breaks, and a change not even then', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statusAfterBreak = async (method: string, path: string): Promise<number> => {
    await ask(edge.url, '/api/users', { agent });
    edge.upstream.seen = [];
    edge.upstream.answer = (_request, response) => {
      edge.upstream.answer = (_again, answer) => void answer.end('{}');
      response.socket?.destroy();
    };
    return (await ask(edge.url, path, { method, agent })).status;
  };
  expect(await statusAfterBreak('GET', '/api/users')).toBe(200);
  expect(edge.upstream.seen).toHaveLength(2);
  expect(await statusAfterBreak('POST', '/api/deposits')).toBe(502);
  expect(edge.upstream.seen).toHaveLength(1);
  expect(await statusAfterBreak('DELETE', '/api/users/7')).toBe(502);
  expect(edge.upstream.seen).toHaveLength(1);
  agent.destroy();
});

test('answers 504 when the function takes too long', async () => {
  edge.upstream.answer = () => undefined;
  const { status, headers, body } = await ask(edge.url, '/api/transfers', { method: 'POST' });
  expect(status).toBe(504);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '1' });
  expect(problemOf(body)).toEqual({ status: 504, code: 'unavailable' });
  expect(edge.upstream.seen).toHaveLength(1);
});

test.each([502, 503, 504])("turns the platform's %i into a problem, and keeps its Retry-After", async (status) => {
  edge.upstream.answer = (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/plain', 'retry-after': '7', 'x-envoy-overloaded': 'true' });
    response.end('upstream connect error or disconnect/reset before headers');
  };
  const { headers, body, ...answer } = await ask(edge.url, '/api/users');
  expect(answer.status).toBe(status);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '7' });
  expect(problemOf(body)).toEqual({ status, code: 'unavailable' });
});

test.each([400, 401, 403, 404, 405, 409, 422, 429, 500])("leaves a function's own %i as it is", async (status) => {
  const headers = {
    'content-type': 'application/problem+json',
    'retry-after': '900',
    'x-content-type-options': 'nosniff',
  };
  edge.upstream.answer = (_request, response) => response.writeHead(status, headers).end('{"code":"its_own"}');
  const answer = await ask(edge.url, '/api/users', { method: 'POST' });
  expect(answer).toMatchObject({ status, headers, body: '{"code":"its_own"}' });
});
