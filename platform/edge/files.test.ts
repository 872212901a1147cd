// The pages as they are built, the descriptions of the API and the keys, served by real nginx as the local bank serves them.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, glob, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { extname, join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Listening } from '../../functions/shared/serving/listen.ts';
import { buildWeb } from '../../web/build/build-web.ts';
import { contentTypes, pageHeaders, policyOf } from '../../web/build/page-headers.ts';
import { ask } from './testing/ask.ts';
import { startLocalBank } from './testing/local-bank.ts';
import { startEdge, type Edge } from './testing/start-edge.ts';

const keys = '{"keys":[{"kid":"a"}]}';
let edge: Edge;
let local: Listening;
const files: string[] = [];
beforeAll(async () => {
  const { folder } = await buildWeb();
  for await (const name of glob('**/*.*', { cwd: folder })) files.push(name);
  edge = await startEdge();
  await cp(folder, join(edge.folder, 'pages'), { recursive: true });
  await writeFile(join(edge.folder, 'keys', 'jwks.json'), keys);
  await writeFile(join(edge.folder, 'keys', 'event-keys.json'), keys);
  const program = join(import.meta.dirname, 'write-documents.ts');
  const { status, stderr } = spawnSync(process.execPath, [program, join(edge.folder, 'documents')], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  local = await startLocalBank(folder);
});
afterAll(async () => Promise.all([edge.stop(), local.stop()]));

type Loaded = { status: number | undefined; headers: IncomingMessage['headers']; body: Buffer };

async function load(url: string, path: string, encodings = ''): Promise<Loaded> {
  const sent = request(url + path, { headers: { 'accept-encoding': encodings }, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const body = Buffer.concat((await response.toArray()) as Buffer[]);
  return { status: response.statusCode, headers: response.headers, body };
}

test('serves every built file with the type, caching and security headers of the local bank', async () => {
  const served = files.filter((name) => contentTypes[extname(name)] !== undefined).map((name) => `/${name}`);
  expect(served.length).toBeGreaterThan(20);
  for (const path of [...served, '/', '/accounts/7', '/sign-in?next=%2F', '/docs', '/docs?url=x']) {
    const [atEdge, atHome] = await Promise.all([load(edge.url, path), load(local.url, path)]);
    expect(atEdge.status, path).toBe(200);
    expect(atEdge.body.equals(atHome.body), path).toBe(true);
    for (const name of [...Object.keys(pageHeaders), 'cache-control', 'content-type', 'content-length']) {
      expect(atEdge.headers[name], `${path} ${name}`).toBe(atHome.headers[name]);
    }
    expect(atEdge.headers).toMatchObject({ ...pageHeaders, 'content-security-policy': expect.any(String) });
    for (const name of ['etag', 'last-modified', 'strict-transport-security']) {
      expect(atEdge.headers[name], `${path} ${name}`).toBeUndefined();
    }
  }
});

test.each([
  ['gzip', gunzipSync],
  ['br', brotliDecompressSync],
])('serves what was compressed with %s when the pages were built', async (encoding, decode) => {
  const compressed = files.filter((name) => /\.(html|js|css|svg)$/.test(name) && files.includes(`${name}.br`));
  expect(compressed.length).toBeGreaterThan(10);
  for (const name of compressed) {
    const [packed, plain] = await Promise.all([load(edge.url, `/${name}`, encoding), load(edge.url, `/${name}`)]);
    expect(packed.headers, name).toMatchObject({
      'content-encoding': encoding,
      vary: 'Accept-Encoding',
      ...pageHeaders,
      'content-security-policy': policyOf(`/${name}`),
    });
    expect(packed.headers['content-type']).toBe(plain.headers['content-type']);
    expect(plain.headers).toMatchObject({ vary: 'Accept-Encoding' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(decode(packed.body).equals(plain.body), name).toBe(true);
    expect(packed.body.length).toBeLessThan(plain.body.length);
  }
});

test('a file that is asked for as compressed, hidden or for builders is not there', async () => {
  const name = files.find((file) => file.endsWith('.js.gz'));
  for (const path of [`/${name}`, '/.vite/manifest.json', '/assets/nothing.js']) {
    const { status, headers, body } = await load(edge.url, path);
    expect(status, path).toBe(404);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'route_not_found' });
  }
});

test.each(['/api/openapi.json', '/api/asyncapi.json'])('%s is the local one', async (path) => {
  const [atEdge, atHome, packed] = await Promise.all([
    load(edge.url, path),
    load(local.url, path),
    load(edge.url, path, 'gzip'),
  ]);
  expect(JSON.parse(atEdge.body.toString())).toEqual(JSON.parse(atHome.body.toString()));
  for (const name of ['content-type', 'cache-control', 'x-content-type-options', 'referrer-policy']) {
    expect(atEdge.headers[name], name).toBe(atHome.headers[name]);
  }
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed.body).equals(atEdge.body)).toBe(true);
  expect((await ask(edge.url, path, { method: 'HEAD' })).status).toBe(200);
});

test.each(['/.well-known/jwks.json', '/api/.well-known/jwks.json', '/.well-known/event-keys.json'])(
  '%s is a file, and wakes nobody',
  async (path) => {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, body } = await ask(edge.url, path, { method });
      expect({ status, body }).toEqual({ status: 200, body: method === 'GET' ? keys : '' });
      expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'public, max-age=60' });
    }
    const { status, headers } = await ask(edge.url, path, { method: 'POST' });
    expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, HEAD, OPTIONS' });
    expect(edge.upstream.seen).toEqual([]);
  },
);

test('new keys are served without a restart', async () => {
  const newer = '{"keys":[{"kid":"b"},{"kid":"a"}]}';
  await writeFile(join(edge.folder, 'keys', 'jwks.json'), newer);
  const { body } = await ask(edge.url, '/.well-known/jwks.json', {
    headers: { 'if-modified-since': new Date().toUTCString() },
  });
  expect(body).toBe(newer);
});
