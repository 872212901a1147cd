// The web UI as browsers get it from the gateway: the real build, over real HTTP.
import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { listen } from '../../functions/shared/serving/listen.ts';
import { buildWeb } from '../../web/build/build-web.ts';
import { initialBytesMax } from '../../web/build/measure-initial.ts';
import { servePages } from './serve-pages.ts';

const { folder, initial } = await buildWeb();
const server = await listen(await servePages(folder), { port: 0, host: '127.0.0.1' });
afterAll(() => server.stop());

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer };

/** Not fetch(): that normalises paths and unpacks bodies by itself. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(server.url);
    request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status = 0, headers: answered } = response;
        resolve({ status, headers: answered, body: Buffer.concat(chunks) });
      });
    })
      .on('error', reject)
      .end();
  });
}

const page = (await get('/')).body.toString();
const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? '';

test.each(['/', '/index.html', '/accounts/7', '/no/such/page', '/accounts/7?as_of=now'])(
  'answers %s with the page, which is asked for anew each time',
  async (path) => {
    const { status, headers, body } = await get(path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    expect(body.toString()).toContain('<div id="app">');
  },
);

test('answers /docs with the page of the documentation, which alone trusts the policies of its viewer', async () => {
  const { status, headers, body } = await get('/docs?url=https%3A%2F%2Felsewhere.test');
  expect(status).toBe(200);
  expect(body.toString()).toContain('<main id="docs">');
  const policyFor = async (path: string): Promise<string> =>
    String((await get(path)).headers['content-security-policy']);
  const own = await policyFor('/');
  expect(String(headers['content-security-policy'])).toBe(
    own.replace('trusted-types svelte-trusted-html', 'trusted-types dompurify default'),
  );
  expect([await policyFor('/docs.html'), await policyFor('/docs/more')]).toEqual([await policyFor('/docs'), own]);
});

test('sends a policy that lets nothing run but our own files', async () => {
  const { headers } = await get('/');
  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  const policy = String(headers['content-security-policy']).split('; ');
  expect(policy).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]),
  );
  expect(policy.join()).not.toMatch(/unsafe|\*|https?:/);
  expect(page).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
});

test('keeps files with a hash in their name for ever, compressed as the client likes', async () => {
  const plain = await get(script);
  expect(plain.headers).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
  });
  expect(plain.headers['content-encoding']).toBeUndefined();
  const brotli = await get(script, { 'accept-encoding': 'gzip, deflate, br' });
  expect(brotli.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);
  const gzip = await get(script, { 'accept-encoding': 'br;q=0, gzip;q=0.5' });
  expect(gzip.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(gzip.body)).toEqual(plain.body);
});

test('answers 304 to who has it already, in the same encoding only', async () => {
  const first = await get('/', { 'accept-encoding': 'br' });
  const etag = String(first.headers['etag']);
  expect(await get('/', { 'accept-encoding': 'br', 'if-none-match': etag })).toMatchObject({ status: 304 });
  expect(await get('/', { 'accept-encoding': 'gzip', 'if-none-match': etag })).toMatchObject({ status: 200 });
});

test('answers HEAD without a body', async () => {
  const { status, headers, body } = await get(script, {}, 'HEAD');
  expect(status).toBe(200);
  expect(Number(headers['content-length'])).toBeGreaterThan(1_000);
  expect(body).toHaveLength(0);
});

test.each([
  ['GET', '/assets/gone.js', 404],
  ['GET', '/.vite/manifest.json', 404],
  ['GET', '/../../package.json', 404],
  ['GET', '/%2e%2e/%2e%2e/package.json', 404],
  ['GET', '/index.html.br', 404],
  ['POST', '/', 405],
  ['OPTIONS', '/', 204],
])('answers %s %s with %i', async (method, path, status) => {
  expect((await get(path, {}, method)).status).toBe(status);
});

test('refuses a folder without a page', async () => {
  await expect(servePages(import.meta.dirname)).rejects.toThrow('holds no index.html');
});

test('is built once for its sources, and a first visit loads no more JavaScript than it may', async () => {
  expect(await buildWeb()).toMatchObject({ folder, isNew: false });
  expect(initial.pageBytes).toBeGreaterThan(initial.entryBytes);
  expect(initial.pageBytes).toBeLessThanOrEqual(initialBytesMax);
});
