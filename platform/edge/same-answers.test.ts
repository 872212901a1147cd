// The edge answers as the bank of `npm start` does: every path of every contract with every method, and paths that are written oddly.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readContracts } from '../../eventing/contracts/contract-files.ts';
import { splitRouteKey } from '../../functions/shared/serving/router.ts';
import type { Listening } from '../../functions/shared/serving/listen.ts';
import { edgePaths } from './routes.ts';
import { ask, type Answer } from './testing/ask.ts';
import { startLocalBank, type Reached } from './testing/local-bank.ts';
import { startEdge, type Edge } from './testing/start-edge.ts';

const contracts = await readContracts();
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let edge: Edge;
let local: Listening;
beforeAll(async () => {
  edge = await startEdge({
    requests: { perSecond: 10_000, burst: 10_000 },
    signIns: { perSecond: 1_000, burst: 1_000 },
  });
  const pages = join(edge.folder, 'pages');
  await mkdir(join(pages, 'assets'));
  await writeFile(join(pages, 'index.html'), '<!doctype html>');
  await writeFile(join(pages, 'manifest.json'), '{}');
  await writeFile(join(pages, 'assets', 'app-1.js'), 'run()');
  local = await startLocalBank(pages);
  edge.upstream.answer = ({ method, url, headers }, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ host: headers.host, method, url } satisfies Reached));
  };
});
afterAll(async () => Promise.all([edge.stop(), local.stop()]));

/** What must be the same; nginx adds a Server header, and nothing has an ETag there. */
function essentials({ status, headers, body }: Answer): Record<string, unknown> {
  const { allow, 'content-type': type, 'cache-control': caching } = headers;
  const [nosniff, referrer] = [headers['x-content-type-options'], headers['referrer-policy']];
  return { status, allow, type, caching, nosniff, referrer, body };
}

async function expectSame(method: string, path: string): Promise<Answer> {
  const request = { method, headers: { traceparent } };
  const [atEdge, atHome] = await Promise.all([ask(edge.url, path, request), ask(local.url, path, request)]);
  expect(essentials(atEdge), `${method} ${path}`).toEqual(essentials(atHome));
  return atEdge;
}

const routeKeys = contracts.flatMap(({ name, routes }) =>
  Object.keys(routes).map((key): [string, string] => [name, key]),
);
test.each(routeKeys)('%s gets %s', async (name, key) => {
  const [method, template] = splitRouteKey(key);
  if (template === '/.well-known/jwks.json') return; // A file at the edge; see files.test.ts.
  const path = template.replace(/\{\w+\}/g, '7');
  const { status, body } = await expectSame(method, `/api${path}?limit=3&q=a%2Fb`);
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    host: `${name}.microbank.svc.cluster.local`,
    method,
    url: `${path}?limit=3&q=a%2Fb`,
  });
});

const paths = edgePaths(contracts).filter(
  ({ methods: known }) => !['keys', 'event-keys'].includes(known.get('GET')?.place ?? ''),
);
test.each(paths.map(({ template }) => template))('%s takes the same methods', async (template) => {
  const isDocument = template.endsWith('.json');
  for (const method of methods) {
    if (isDocument && (method === 'GET' || method === 'HEAD')) continue; // See files.test.ts.
    await expectSame(method, template.replace(/\{\w+\}/g, '7'));
  }
});

test.each([
  ...[
    '/api',
    '/api/',
    '/api?x',
    '/api/nothing',
    '/api//accounts',
    '//api/accounts',
    '/api/accounts/',
    '/api/accounts//',
  ],
  ...[
    '/api/accounts?',
    '/api/Accounts',
    '/API/accounts',
    '/api/accounts/7/',
    '/api/accounts/7/8',
    '/api/accounts//days',
  ],
  ...[
    '/api/%61ccounts',
    '/%61pi/accounts',
    '/api%2Faccounts',
    '/api/accounts/%2e%2e',
    '/api/accounts/../users',
    '/api/./users',
  ],
  ...[
    '/api/accounts/a%20b',
    '/api/accounts/%C3%A4',
    '/api/accounts/7%2Fdays',
    '/api/accounts/days/statement',
    '/api/accounts/;x=1',
  ],
  ...[
    '/api/readyz',
    '/api/metrics',
    '/api/healthz',
    '/api/livez',
    '/api/relay',
    '/api/deposit',
    '/api/dead-letter',
    '/metrics',
  ],
  ...[
    '/',
    '/accounts/7',
    '/apix',
    '/api.json',
    '/nothing.js',
    '/assets/',
    '/assets',
    '/assets/app-1.js',
    '/assets/app-1.js/',
  ],
  ...[
    '/manifest.json',
    '/.vite/manifest.json',
    '/index.html',
    '/assets/../index.html',
    '/assets//app-1.js',
    '/%61ssets/app-1.js',
  ],
  ...['/a/..', '/a/.b', '/a.', '/a.b/', '/a/...', '/x.b.c', '/assets/app-1.js?v=2', '/readyz', '/livez'],
])('%s is read the same way', async (path) => {
  for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) await expectSame(method, path);
});

test('an absolute request target is as good as its path', async () => {
  const { body } = await expectSame('GET', 'http://elsewhere.example/api/accounts/7');
  expect(JSON.parse(body)).toMatchObject({ host: 'read-accounts.microbank.svc.cluster.local', url: '/accounts/7' });
});

test("no function's root is reached, with or without an event", async () => {
  edge.upstream.seen = [];
  const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/x', 'ce-type': 'com.microbank.user.removed' };
  for (const path of [
    '/api',
    '/api/',
    '/api//',
    '/',
    '//',
    '/api/?x',
    '/api/.',
    '/api/%2e',
    '/api/x/..',
    '/api/#',
    '/-edge/change',
  ]) {
    for (const name of ['deposit', 'notify']) {
      const headers = { ...event, host: `${name}.microbank.svc.cluster.local` };
      expect([404, 405], path).toContain((await ask(edge.url, path, { method: 'POST', headers })).status);
    }
  }
  expect(edge.upstream.seen).toEqual([]);
});
