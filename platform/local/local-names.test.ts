// Names under which somebody may ask this machine's bank, at each of its doors; all others are told which those are.
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { listen } from '../../functions/shared/serving/listen.ts';
import { sendRaw } from '../../functions/tests/api/testing/raw.ts';
import { openBroker } from './broker.ts';
import { byLocalName } from './local-names.ts';
import { countSteps } from './steps.ts';

const server = await listen(
  byLocalName((request, response) => response.end(`at ${request.url}`)),
  { port: 0, host: '127.0.0.1' },
);
afterAll(() => server.stop());

const asks = (host: string): [string, string] => ['GET /x HTTP/1.1', host];

test.each<[line: string, host: string]>([
  ...['localhost', 'microbank.localhost', '127.0.0.1', '[::1]'].flatMap((name) => [
    asks(name),
    asks(`${name}:8080`),
    asks(`${name}:1`),
    asks(`${name}:`),
  ]),
  ...['LOCALHOST', 'Microbank.LocalHost:8080', 'localhost.', 'microbank.localhost.:8080', ' localhost '].map(asks),
  ['GET http://localhost:8080/x HTTP/1.1', 'localhost:8080'],
  ['GET HTTP://MICROBANK.localhost/x HTTP/1.1', 'localhost'],
  ['GET https://[::1]/x HTTP/1.1', '127.0.0.1:8080'],
  ['OPTIONS * HTTP/1.1', 'localhost'],
  ['GET /x HTTP/1.0', 'localhost'],
])('%s of %s is served', async (line, host) => {
  const { status, body } = await sendRaw(server.url, `${line}\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`, true);
  expect(status).toBe(200);
  expect(body).toMatch(/at (http|https|\/x|\*)/i);
});

test.each<[line: string, host: string]>([
  ...[
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    'evil.localhost',
    'microbank.localhost.evil.example',
    'xlocalhost',
    'microbank-localhost',
    'microbankxlocalhost',
    'localhost..',
    '127.0.0.1.',
    '127.0.0.1.evil.example',
    '127x0x0x1',
    '127.0.0.2',
    '127.1',
    '0.0.0.0',
    '2130706433',
    '::1',
    '[::]',
    '[::1',
    '[::1].',
    '[::ffff:127.0.0.1]',
    'localhost:8080:8080',
    'localhost:http',
    'localhost:999999',
    'localhost@evil.example',
    'evil.example@localhost',
    'localhost/',
    'localhost, evil.example',
    'loc%61lhost',
    'file:localhost',
    '',
  ].map(asks),
  ['GET http://evil.example/x HTTP/1.1', 'localhost'],
  ['GET http://localhost/x HTTP/1.1', 'evil.example'],
  ['GET http://localhost@evil.example/x HTTP/1.1', 'localhost'],
  ['GET http://evil.example@localhost/x HTTP/1.1', 'localhost'],
  ['GET ftp://evil.example/x HTTP/1.1', 'localhost'],
  ['OPTIONS * HTTP/1.1', 'evil.example'],
  ['GET /x HTTP/1.1', 'localhost\r\nHost: evil.example'],
  ['GET /x HTTP/1.1', 'localhost\r\nHost: localhost'],
])('%s of "%s" is told the names', async (line, host) => {
  const answer = await sendRaw(server.url, `${line}\r\nHost: ${host}\r\n\r\n`);
  expect(answer.status).toBe(421);
  expect(answer.headers).toMatch(/content-type: application\/problem\+json/i);
  expect(JSON.parse(answer.body)).toMatchObject({
    code: 'host_not_served',
    detail: expect.stringContaining('localhost, microbank.localhost, 127.0.0.1, [::1]') as unknown,
  });
});

test('nothing is served without a Host', async () => {
  expect((await sendRaw(server.url, 'GET /x HTTP/1.0\r\n\r\n')).status).toBe(421);
  expect((await sendRaw(server.url, 'GET http://localhost/x HTTP/1.0\r\n\r\n')).status).toBe(421);
  expect((await sendRaw(server.url, 'GET /x HTTP/1.1\r\n\r\n')).status).toBe(400); // Node's own answer.
});

test('the broker of npm start takes events under the same names only', async () => {
  await using undo = new AsyncDisposableStack();
  const steps = countSteps(() => {}, new AbortController().signal);
  const around = { steps, undo, say: () => {} };
  const broker = await openBroker(
    { amqpUrl: undefined, platformProof: 'p'.repeat(32) },
    'http://127.0.0.1:1',
    pino({ level: 'silent' }),
    around,
  );
  const event = 'ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /x\r\nce-type: nobody.listens\r\ncontent-length: 0';
  const statusFor = async (host: string) =>
    (await sendRaw(broker.url, `POST / HTTP/1.1\r\nHost: ${host}\r\n${event}\r\n\r\n`)).status;
  expect(await statusFor(new URL(broker.url).host)).toBe(202);
  expect(await statusFor('microbank.localhost')).toBe(202);
  expect(await statusFor('evil.example')).toBe(421);
});
