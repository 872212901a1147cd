// What `npm run dev` serves, and to whom: the sources of the pages and nothing else of the machine, on loopback, under local names.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendRaw, type RawAnswer } from '../../functions/tests/api/testing/raw.ts';
import { startOwnBank, type OwnBank } from '../bench/own-bank.ts';
import { checkout } from './settings.ts';
import { listeningSockets } from './testing/listening.ts';

const temporary = await mkdtemp(join(tmpdir(), 'microbank-dev-files-'));
const data = join(temporary, '.microbank');
const packages = join(checkout, 'node_modules');
// Among the packages, which are served: a folder that begins with a dot, and a link that leads out.
const hidden = join(packages, `.hidden-${process.pid}`);
const link = join(packages, `linked-${process.pid}.ts`);

let bank: OwnBank;
beforeAll(async () => {
  await mkdir(hidden);
  for (const file of [join(hidden, 'key.ts'), join(temporary, 'outside.ts')])
    await writeFile(file, `export const key = 'nobody-may-read-this-${process.pid}';\n`);
  await symlink(join(temporary, 'outside.ts'), link);
  bank = await startOwnBank([], { MICROBANK_DATA: data, MICROBANK_HOT_RELOAD: 'yes' });
}, 120_000);
afterAll(async () => {
  await bank.stop();
  for (const path of [hidden, link, temporary]) await rm(path, { recursive: true, force: true });
}, 60_000);

const get = (target: string, host = 'localhost'): Promise<RawAnswer> =>
  sendRaw(
    bank.origin.replace('localhost', '127.0.0.1'),
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  );

test.each([
  ['/', 'text/html'],
  ['/accounts/7?as_of=now', 'text/html'],
  ['/before.js', 'text/javascript'],
  ['/icon.svg', 'image/svg+xml'],
  ['/src/main.ts', 'text/javascript'],
  ['/src/App.svelte?t=1', 'text/javascript'],
  ['/@vite/client', 'text/javascript'],
  [`/@fs${checkout}/functions/deposit/contract.ts`, 'text/javascript'],
  [`/@fs${checkout}/functions/shared/contract/money.ts`, 'text/javascript'],
])('serves %s, which pages need', async (target, type) => {
  const { status, headers } = await get(target);
  expect([status, headers.toLowerCase()]).toEqual([200, expect.stringContaining(`content-type: ${type}`)]);
});

/** One file by all the ways that Vite, or an earlier Vite, finds a file. */
function spellingsOf(file: string): string[] {
  const below = relative(join(checkout, 'web'), file);
  const encoded = (text: string, times = 1): string =>
    text.replace(/[./]/g, (sign) => `%${'25'.repeat(times - 1)}${sign.charCodeAt(0).toString(16)}`);
  const paths = [
    `/@fs${file}`,
    `/@fs/${file}`,
    `//@fs${file}`,
    `/@FS${file}`,
    `/@fs${file.toUpperCase()}`,
    `/@fs${file.replace('.microbank', '.MicroBank')}`,
    `/@fs/${encoded(file.slice(1))}`,
    `/@fs/${encoded(file.slice(1), 2)}`,
    `/%40fs${file}`,
    `/@fs${file.replaceAll('/', '\\')}`,
    `/@fs${file.replaceAll('/', '//')}`,
    `/@fs${file.replaceAll('/', '/./')}`,
    `/@fs${checkout}/web/src/../../${relative(checkout, file)}`,
    `/@fs${checkout}/web/src/..%2f..%2f${relative(checkout, file)}`,
    `/@fs${checkout}/web/src/%2e%2e/%2e%2e/${relative(checkout, file)}`,
    `/@fs${file}/`,
    `/@fs${file}/.`,
    `/@fs${file}.`,
    `/@fs${file}%00`,
    `/@fs${file}%00.ts`,
    `/@fs${file}%23`,
    `/@fs${file}#/web/src/main.ts`,
    `/@fs${file}?/../../web/src/main.ts`,
    `/@id/${file}`,
    `/@id/__x00__${file}`,
    `/@id/@fs${file}`,
    `/@vite/client/../../..${file}`,
    `/@vite/client${file}`,
    file,
    `/${file}`,
    `/${below}`,
    `/src/${relative(join(checkout, 'web/src'), file)}`,
    `/src/${encoded(relative(join(checkout, 'web/src'), file))}`,
    `/node_modules/${relative(packages, file)}`,
    `http://localhost/@fs${file}`,
  ];
  const queries = [
    '',
    '?raw',
    '?import&raw',
    '?url',
    '?import',
    '?inline',
    '?raw??',
    '?import&raw??',
    '?.svg?.wasm?init',
  ];
  return paths.flatMap((path) =>
    [...queries, '?html-proxy&index=0.js', '?v=1&raw', '?t=1&worker&inline'].map((query) => path + query),
  );
}

/** The longest word of a file: whoever has it has read the file. */
async function wordOf(file: string): Promise<string> {
  const words = (await readFile(file, 'utf8')).match(/[\w-]{8,}/g) ?? [];
  return words.reduce((longest, word) => (word.length > longest.length ? word : longest), '');
}

const files: readonly [what: string, file: string][] = [
  ["the first teller's password", join(data, 'teller.json')],
  ['the key that signs tokens', join(data, 'signing-key.json')],
  ['the keys that sign events', join(data, 'event-keys.json')],
  ["the database's passwords", join(data, 'secrets.json')],
  ['the configuration of a function', join(checkout, 'functions/shared/process/config.ts')],
  ['an operation', join(checkout, 'functions/deposit/deposit.ts')],
  ['the server', join(checkout, 'platform/local/bank.ts')],
  ['the configuration of Vite', join(checkout, 'web/vite.config.ts')],
  ['a file of the checkout', join(checkout, 'package-lock.json')],
  ['a file of the checkout that begins with a dot', join(checkout, '.dependency-cruiser.mjs')],
  ['what npm notes', join(packages, '.package-lock.json')],
  ['a hidden folder among the packages', join(hidden, 'key.ts')],
  ['a link out of the packages', link],
  ['a file of the machine', '/etc/passwd'],
];

test.each(files)('serves %s to nobody, however it is spelt', { timeout: 60_000 }, async (_what, file) => {
  const word = await wordOf(file);
  expect(word).not.toBe('');
  for (const target of spellingsOf(file)) {
    const { status, body } = await get(target);
    expect(status, target).not.toBe(0);
    expect(body.includes(word), `${target} is served (${status})`).toBe(false);
  }
});

test('opens no editor for a page that asks for it', async () => {
  const { headers } = await get(`/__open-in-editor?file=${encodeURIComponent(join(data, 'teller.json'))}`);
  expect(headers).toMatch(/content-type: text\/html/i);
});

test.each(['/', '/src/main.ts', '/@vite/client', '/@id/x'])('tells other names nothing of %s', async (target) => {
  expect((await get(target, 'evil.example')).status).toBe(421);
  expect((await get(target, 'evil.localhost')).status).toBe(421);
});

test('another origin is allowed to read nothing', async () => {
  const answer = await fetch(`${bank.origin}/@vite/client`, { headers: { origin: 'http://localhost:9999' } });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, null]);
});

test('listens on loopback only', async () => {
  const { onLoopback, elsewhere } = await listeningSockets(bank.pid);
  expect(elsewhere).toEqual([]);
  expect(onLoopback).toHaveLength(4); // Gateway, inside, broker, and the one for updates.
});

/** Port and token of the socket for updates, as a page has them. */
async function socketOf({ origin }: OwnBank): Promise<{ port: number; token: string }> {
  const client = await (await fetch(`${origin}/@vite/client`)).text();
  const port = Number(/hmrPort = (\d+)/.exec(client)?.[1]);
  return { port, token: /wsToken = "([^"]+)"/.exec(client)?.[1] ?? '' };
}

test('its socket for updates knows the same names', async () => {
  const { port, token } = await socketOf(bank);
  const upgrade = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol: vite-hmr',
  ].join('\r\n');
  const statusFor = async (host: string, origin = `http://${host}`) => {
    const lines = `GET /?token=${token} HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\n${upgrade}\r\n\r\n`;
    return (await sendRaw(`http://127.0.0.1:${port}`, lines, true)).status;
  };
  for (const host of ['localhost', 'microbank.localhost', '127.0.0.1', '[::1]'])
    expect(await statusFor(host)).toBe(101);
  for (const host of ['evil.example', 'evil.localhost', '192.168.0.1', '']) expect(await statusFor(host)).toBe(421);
});

test('its socket for updates reads no file for anybody', async () => {
  const { port, token } = await socketOf(bank);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/?token=${token}`, 'vite-hmr');
  const answers: string[] = [];
  socket.addEventListener('message', ({ data: text }) => answers.push(String(text)));
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const file = join(data, 'teller.json');
  const names = [`${file}?raw`, `/@fs${file}?raw`, `file://${file}?raw`, `${file}?import&raw`, file];
  for (const [index, name] of names.entries()) {
    const invoke = { name: 'fetchModule', id: `send:${index}`, data: [name] };
    socket.send(JSON.stringify({ type: 'custom', event: 'vite:invoke', data: invoke }));
  }
  socket.send(
    JSON.stringify({ type: 'custom', event: 'vite:invoke', data: { name: 'getBuiltins', id: 'send:9', data: [] } }),
  );
  await expect.poll(() => answers.length, { timeout: 10_000 }).toBeGreaterThan(names.length);
  expect(answers.join('\n')).not.toContain(await wordOf(file));
  socket.close();
});

test('a second one beside it has a socket of its own', { timeout: 120_000 }, async () => {
  const second = await startOwnBank([], { MICROBANK_DATA: join(temporary, 'second'), MICROBANK_HOT_RELOAD: 'yes' });
  try {
    const [one, other] = await Promise.all([socketOf(bank), socketOf(second)]);
    expect(one.port).toBeGreaterThan(0);
    expect(other.port).toBeGreaterThan(0);
    expect(other.port).not.toBe(one.port);
  } finally {
    await second.stop();
  }
});
