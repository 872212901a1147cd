// nginx as a process: its files, its start without what is behind it, its log, and https.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { parse } from 'yaml';
import { afterEach, expect, test } from 'vitest';
import { nginxFolder, renderedFiles } from './rendered-files.ts';
import { ask } from './testing/ask.ts';
import { startEdge, type Edge } from './testing/start-edge.ts';
import { checkConfiguration } from './testing/start-nginx.ts';

let running: Edge | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

async function start(address?: string | null): Promise<Edge> {
  return (running = await startEdge({}, address));
}

test('the files that are checked in are what the contracts render; `npm run render` writes them', async () => {
  for (const [path, text] of await renderedFiles()) expect(await readFile(path, 'utf8'), path).toBe(text);
});

test('the ConfigMap has every file', async () => {
  const { configMapGenerator } = parse(await readFile(join(nginxFolder, '../kustomization.yaml'), 'utf8')) as {
    configMapGenerator: [{ files: string[] }];
  };
  const names = (await readdir(nginxFolder)).map((name) => `nginx/${name}`);
  expect([...configMapGenerator[0].files].sort()).toEqual(names.sort());
});

test('nginx has nothing to say against the configuration', async () => {
  const edge = await start();
  expect(checkConfiguration(edge.folder)).toMatch(/^nginx: .* syntax is ok\nnginx: .* test is successful\n$/);
  expect(edge.errors()).not.toMatch(/\[(warn|error|crit|alert|emerg)\]/);
});

test('starts without Kourier, says so, and finds it when it comes and when it comes back at another address', async () => {
  const edge = await start(null);
  const away = await ask(edge.url, '/api/deposits', { method: 'POST' });
  expect(away.status).toBe(502);
  expect(JSON.parse(away.body)).toMatchObject({ code: 'unavailable' });
  expect((await ask(edge.url, '/healthz')).body).toBe('{"status":"ok"}');

  edge.names.address = '127.0.0.2';
  await expect.poll(async () => (await ask(edge.url, '/api/users')).status, { timeout: 10_000 }).toBe(200);
  edge.names.address = '127.0.0.3';
  const addresses = async (): Promise<string> => {
    edge.upstream.answer = (request, response) => {
      response.setHeader('connection', 'close').end(request.socket.localAddress);
    };
    return (await ask(edge.url, '/api/users')).body;
  };
  await expect.poll(addresses, { timeout: 10_000 }).toBe('127.0.0.3');
});

test('logs a line of JSON for each request, without query strings, tokens and bodies', async () => {
  const edge = await start();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const headers = { traceparent, authorization: 'Bearer secret-token', cookie: 'microbank_session=secret-cookie' };
  await ask(edge.url, '/api/payees?email=alice%40example.com&currency=USD', { headers });
  await ask(edge.url, '/api/payees?email=%22alice', { headers });
  await ask(edge.url, '/api/sessions', { method: 'POST', headers, body: '{"password":"secret-password"}' });
  edge.upstream.answer = (_request, response) => void response.socket?.destroy();
  await ask(edge.url, '/api/payees?email=alice%40example.org', { headers });
  await ask(edge.url, '/api/nothing/%22x?email=alice', { method: 'POST' });
  await ask(edge.url, '/accounts?email=alice');

  await expect.poll(async () => (await edge.log()).length).toBe(6);
  const lines = await edge.log();
  // Two processes of nginx write it, each when it gets to it.
  expect(lines.find(({ function: name }) => name === 'find-payee')).toMatchObject({
    ...{ level: 'info', function: 'find-payee', method: 'GET', route: '/api/payees', path: '/api/payees' },
    ...{ client: '127.0.0.1', trace_id: '0af7651916cd43dd8448eb211c80319c', msg: 'request answered' },
  });
  expect(lines.map(({ status }) => status).sort()).toEqual([200, 200, 200, 404, 404, 502]);
  expect(JSON.stringify(lines) + edge.errors()).not.toMatch(/alice|email|secret|example/);
});

test('takes a certificate that comes later, speaks HTTP/2, and tells browsers to stay with https', async () => {
  const edge = await start();
  const withoutCertificate = connectTls({ port: edge.httpsPort, host: '127.0.0.1', rejectUnauthorized: false });
  await expect(once(withoutCertificate, 'secureConnect')).rejects.toThrow();

  makeCertificate(join(edge.folder, 'tls'));
  const session = connectHttp2(`https://127.0.0.1:${edge.httpsPort}`, { rejectUnauthorized: false });
  for (const path of ['/api/users', '/api/nothing', '/.well-known/jwks.json']) {
    const headers = await askHttp2(session, path);
    expect(headers['strict-transport-security'], path).toBe('max-age=31536000');
  }
  session.close();
  expect(edge.upstream.seen[0]?.headers).toMatchObject({
    'x-forwarded-proto': 'https',
    host: 'read-users.microbank.svc.cluster.local',
  });
  await expect.poll(async () => (await edge.log()).length).toBe(3);
  expect((await edge.log())[0]).toMatchObject({ scheme: 'https', protocol: 'HTTP/2.0' });
  expect((await ask(edge.url, '/api/users')).headers['strict-transport-security']).toBeUndefined();
});

function makeCertificate(folder: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(folder, 'tls.key')];
  const certificate = ['-x509', '-days', '1', '-subj', '/CN=microbank.localhost', '-out', join(folder, 'tls.crt')];
  const { status, stderr } = spawnSync('openssl', ['req', ...certificate, ...key], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  // Started by root, nginx works as another user.
  spawnSync('chmod', ['644', join(folder, 'tls.key')]);
}

async function askHttp2(session: ClientHttp2Session, path: string): Promise<Record<string, unknown>> {
  const stream = session.request({ ':path': path });
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  stream.resume();
  await once(stream, 'end');
  return headers;
}
