// The gateway finds functions by their contracts, owns the /api prefix, and says whether the bank serves.
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { afterAll, expect, test } from 'vitest';
import type { Contract } from '../../functions/shared/contract/function.ts';
import { listen } from '../../functions/shared/serving/listen.ts';
import type { Listener } from '../../functions/shared/serving/listener.ts';
import { createGateway, createInside, documentsOf, whenServing } from './gateway.ts';

const contract: Contract = {
  name: 'read-things',
  summary: 'Reads things.',
  databases: [],
  routes: {
    'GET /things/{id}': {
      summary: 'One thing.',
      access: 'anyone',
      params: z.strictObject({ id: z.string() }),
      status: 200,
    },
  },
  instead: { 'DELETE /things/{id}': 'things stay' },
};
const listeners = new Map([[contract.name, echo]]);
const parts = { contracts: [contract], listeners, documents: documentsOf([contract]) };
const gateway = createGateway(parts);
let serving: Listener | undefined = gateway;
const server = await listen(
  whenServing(() => serving),
  { port: 0, host: '127.0.0.1' },
);
const inside = await listen(createInside(listeners), { port: 0, host: '127.0.0.1' });
afterAll(async () => Promise.all([server.stop(), inside.stop()]));

const headers = {
  'x-forwarded-prefix': '/evil',
  'x-forwarded-proto': 'https',
  'x-forwarded-for': '203.0.113.9',
  forwarded: 'for=203.0.113.9',
};

/** Answers with what reached the function. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  const {
    'x-forwarded-prefix': prefix = null,
    'x-forwarded-proto': scheme = null,
    'x-forwarded-for': address = null,
    forwarded = null,
  } = request.headers;
  response.end(JSON.stringify({ url: request.url, prefix, scheme, address, forwarded }));
}

test('hands a request to the function that has the route, without the prefix', async () => {
  const response = await fetch(`${server.url}/api/things/7?as_of=now`, { headers });
  expect(await response.json()).toEqual({
    url: '/things/7?as_of=now',
    prefix: '/api',
    scheme: 'http',
    address: '127.0.0.1',
    forwarded: null,
  });
});

test.each([
  ['GET', '/api/nothing', 404, 'route_not_found'],
  ['GET', '/api', 404, 'route_not_found'],
  ['GET', '/things/7', 404, 'route_not_found'],
  ['GET', '/apix/things/7', 404, 'route_not_found'],
  ['POST', '/api/things/7', 405, 'method_not_allowed'],
])('answers %s %s with %i %s', async (method, path, status, code) => {
  const response = await fetch(server.url + path, { method });
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ status, code });
});

test('names the allowed methods, and what to do instead', async () => {
  const response = await fetch(`${server.url}/api/things/7`, { method: 'DELETE' });
  expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  expect(await response.json()).toMatchObject({ detail: 'things stay' });
});

test('leaves everything outside /api to the web UI, and nothing inside it', async () => {
  const pages: Listener = (request, response) => void response.end(`page ${request.url}`);
  const whole = await listen(createGateway({ ...parts, pages }), { port: 0, host: '127.0.0.1' });
  const text = async (path: string): Promise<string> => (await fetch(whole.url + path)).text();
  expect(await text('/')).toBe('page /');
  expect(await text('/accounts/7?q=x')).toBe('page /accounts/7?q=x');
  expect(await text('/apix')).toBe('page /apix');
  for (const path of ['/api', '/api/', '/api/nothing']) {
    expect(await text(path), path).toContain('"code":"route_not_found"');
  }
  await whole.stop();
});

test('describes itself in OpenAPI', async () => {
  const response = await fetch(`${server.url}/api/openapi.json`);
  expect(await response.json()).toMatchObject({ openapi: '3.1.1', paths: { '/things/{id}': {} } });
  expect((await fetch(`${server.url}/api/openapi.json`, { method: 'PUT' })).status).toBe(405);
});

test('describes its events in AsyncAPI', async () => {
  const response = await fetch(`${server.url}/api/asyncapi.json`);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toMatchObject({ asyncapi: '3.1.0', channels: { broker: { address: '/' } } });
  expect((await fetch(`${server.url}/api/asyncapi.json`, { method: 'PUT' })).status).toBe(405);
});

test('is healthy only while it serves', async () => {
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  serving = undefined;
  expect((await fetch(`${server.url}/healthz`)).status).toBe(503);
  expect((await fetch(`${server.url}/api/things/7`)).status).toBe(503);
  serving = gateway;
});

test('serves each function under its name inside, where nobody is the edge', async () => {
  const nobody = { prefix: null, scheme: null, address: null, forwarded: null };
  const atPath = await fetch(`${inside.url}/read-things/things/7?a=b`, { headers });
  expect(await atPath.json()).toEqual({ url: '/things/7?a=b', ...nobody });
  expect(await (await fetch(`${inside.url}/read-things`)).json()).toEqual({ url: '/', ...nobody });
  expect((await fetch(`${inside.url}/unknown/things/7`)).status).toBe(404);
});
