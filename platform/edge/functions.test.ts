// What happens to a request on its way to a function and back, in real nginx.
import { once } from 'node:events';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { bodyBytesMax } from '../../functions/shared/reading/body.ts';
import { edgeSecretHeader } from '../../functions/shared/serving/from-edge.ts';
import { ask } from './testing/ask.ts';
import { startEdge, type Edge } from './testing/start-edge.ts';
import { edgeSecret } from './testing/start-nginx.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge({ clientSeconds: 1 });
});
beforeEach(() => edge.upstream.reset());
afterAll(async () => edge.stop());

const json = { 'content-type': 'application/json' };

test('passes on what functions read, and overwrites or drops what only the edge may say', async () => {
  const known = {
    ...json,
    authorization: 'Bearer x.y.z',
    cookie: 'microbank_session=1; other=2',
    accept: 'application/json',
    'idempotency-key': 'key 1',
    'if-none-match': '"1"',
    'x-requested-with': 'microbank-web',
    'sec-fetch-site': 'same-origin',
  };
  const forged = {
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/evil',
    'x-forwarded-host': 'evil.example',
    forwarded: 'for=203.0.113.9',
    'x-real-ip': '203.0.113.9',
    'k-proxy-request': 'activator',
    'knative-serving-revision': 'old',
    'x-envoy-retry-on': '5xx',
    'x-envoy-max-retries': '9',
    'x-envoy-upstream-rq-timeout-ms': '1',
    'x-anything': '1',
    [edgeSecretHeader]: 'guessed',
  };
  const headers = { ...forged, ...known, host: 'notify.microbank.svc.cluster.local' };
  await ask(edge.url, '/api/deposits', { method: 'POST', headers, body: '{"amount":1}' });
  const [seen] = edge.upstream.seen;
  expect(seen).toMatchObject({ method: 'POST', url: '/deposits', body: '{"amount":1}' });
  expect(seen?.headers).toEqual({
    ...known,
    host: 'deposit.microbank.svc.cluster.local',
    'content-length': '12',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-prefix': '/api',
    [edgeSecretHeader]: edgeSecret,
    traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
  });
});

test('goes on with a trace that is given, and begins a new one in place of a broken one', async () => {
  const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
  await ask(edge.url, '/api/users', { headers: { traceparent: given, tracestate: 'a=1' } });
  await ask(edge.url, '/api/users', { headers: { traceparent: '00-zz' } });
  const [first, second] = edge.upstream.seen.map(({ headers }) => headers);
  expect(first).toMatchObject({ traceparent: given, tracestate: 'a=1' });
  expect(second?.['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test('refuses a body that functions would refuse, in their words, before it reaches one', async () => {
  const largest = 'x'.repeat(bodyBytesMax);
  const taken = await ask(edge.url, '/api/deposits', { method: 'POST', headers: json, body: largest });
  expect(taken.status).toBe(200);
  expect(edge.upstream.seen[0]?.body).toBe(largest);

  edge.upstream.reset();
  for (const headers of [json, { ...json, 'transfer-encoding': 'chunked' }]) {
    const refused = await ask(edge.url, '/api/deposits', { method: 'POST', headers, body: `${largest}x` });
    expect(refused.status).toBe(413);
    expect(refused.headers).toMatchObject({ 'content-type': 'application/problem+json', connection: 'close' });
    expect(JSON.parse(refused.body)).toMatchObject({
      code: 'body_too_large',
      detail: `the body is larger than ${bodyBytesMax} bytes`,
    });
  }
  expect(edge.upstream.seen).toEqual([]);
});

test('keeps connections to Kourier', async () => {
  for (let i = 0; i < 20; i++) await ask(edge.url, '/api/users');
  const ports = new Set(edge.upstream.seen.map(({ remotePort }) => remotePort));
  expect(ports.size).toBeLessThanOrEqual(2); // One for each process of nginx.
});

test('sends each event of a stream on before the next one is there', async () => {
  let stream: ServerResponse | undefined;
  edge.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('id: 1\n\n');
    stream = response;
  };
  const headers = { 'last-event-id': '41', 'accept-encoding': 'gzip' };
  const { port } = edge;
  const sent = request({ port, path: '/api/notifications/stream', headers, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(response.headers['content-encoding']).toBeUndefined();
  expect(String((await once(response, 'data'))[0])).toBe('id: 1\n\n');
  expect(edge.upstream.seen[0]?.headers['last-event-id']).toBe('41');

  // Longer than a client may be silent while it sends its request.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  stream?.write('id: 2\n\n');
  expect(String((await once(response, 'data'))[0])).toBe('id: 2\n\n');

  // A page that is closed ends the function's work.
  const gone = once(stream as ServerResponse, 'close');
  sent.destroy();
  await gone;
});

test('compresses JSON that is worth it', async () => {
  const list = JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, name: 'somebody' })));
  edge.upstream.answer = (_request, response) => response.writeHead(200, { ...json, etag: '"1"' }).end(list);
  const sent = request({ port: edge.port, path: '/api/users', headers: { 'accept-encoding': 'gzip' }, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  // Weak, since these are other bytes; functions take either for the same.
  expect(response.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding', etag: 'W/"1"' });
  const chunks = (await response.toArray()) as Buffer[];
  expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe(list);
});

test('a list of ended sessions that could not be had, or is no longer fresh, is asked for again', async () => {
  edge.upstream.answer = (_request, response) => {
    response.writeHead(503, { 'retry-after': '1', 'cache-control': 'no-store' }).end('{}');
  };
  expect((await ask(edge.url, endedSessions)).status).toBe(503);
  edge.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'cache-control': 'public, max-age=0' }).end('{"sessions":[]}');
  };
  for (let i = 0; i < 2; i++) expect((await ask(edge.url, endedSessions)).status).toBe(200);
  expect(edge.upstream.seen).toHaveLength(3);
});

test('it is fetched once, however many ask, and kept for as long as sign-in says', async () => {
  const list = '{"sessions":[]}';
  edge.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'public, max-age=60' }).end(list);
  };
  // Also with headers of their own: what one is answered, all are.
  const askers = Array.from({ length: 20 }, (_, i) =>
    ask(edge.url, endedSessions, { headers: { 'x-requested-with': `${i}` } }),
  );
  expect((await Promise.all(askers)).map(({ status, body }) => [status, body])).toEqual(askers.map(() => [200, list]));
  expect(edge.upstream.seen.map(({ headers }) => headers.host)).toEqual(['sign-in.microbank.svc.cluster.local']);
});

const endedSessions = '/api/.well-known/ended-sessions.json';
