// Input that is refused, over HTTP: each with its status, its code and the field that is wrong.
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { startBank, type TestBank } from '../testing/harness.ts';
import { thingsFunction } from '../testing/things-function.ts';

let bank: TestBank;
beforeAll(async () => {
  bank = await startBank({ functions: [thingsFunction] });
});

type Problem = { code: string; detail: string; errors?: { pointer: string; detail: string }[]; trace_id: string };
const json = { 'content-type': 'application/json' };
const post = (body: unknown, headers = {}) => bank.request<Problem>('POST', '/things', { body, headers });

const refusedBodies = [
  ['unknown fields, each by name', { size: 1, a: 1, 'b/c': 2 }, 422, ['/a', '/b~1c']],
  ['several wrong fields at once', { size: 'x', name: 1 }, 422, ['/size', '/name']],
  ['a field that is missing', {}, 422, ['/size']],
  ['no body where one is needed', undefined, 422, ['/size']],
  ['a list', [], 422, ['']],
  ['null', 'null', 422, ['']],
  ['__proto__', '{"size":1,"__proto__":{"x":1}}', 422, ['/__proto__']],
  ['a number that loses digits', '{"size":1e400}', 422, ['/size']],
  ['minus zero', '{"size":-0}', 422, ['/size']],
  ['a fraction', { size: 1.5 }, 422, ['/size']],
  ['exponents as text', { size: '1e2' }, 422, ['/size']],
  ['a NUL', '{"size":1,"name":"\\u0000"}', 422, ['/name']],
] as const;
test.each(refusedBodies)('refuses %s', async (_what, body, status, pointers) => {
  const answer = await post(body);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body.code).toBe('validation_failed');
  expect(answer.body.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
});

const malformed = [
  ['truncated JSON', '{"size":', json, 400, 'malformed_json'],
  ['text', '{"size":1}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
  ['a form', 'size=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
  [
    'another charset',
    '{"size":1}',
    { 'content-type': 'application/json; charset=latin1' },
    415,
    'unsupported_media_type',
  ],
  ['a key with line noise', '{"size":1}', { 'idempotency-key': 'schlüssel' }, 400, 'idempotency_key_invalid'],
  ['an empty key', '{"size":1}', { 'idempotency-key': '' }, 400, 'idempotency_key_invalid'],
  ['a key of 256 characters', '{"size":1}', { 'idempotency-key': 'k'.repeat(256) }, 400, 'idempotency_key_invalid'],
  ['64 KiB and a bit', JSON.stringify({ size: 1, name: 'x'.repeat(65_536) }), json, 413, 'body_too_large'],
  ['2 MB', 'x'.repeat(2_000_000), json, 413, 'body_too_large'],
] as const;
test.each(malformed)('refuses %s', async (_what, body, headers, status, code) => {
  const answer = await post(body, headers);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

test('takes UTF-8 by any spelling, and a key of 255 characters', async () => {
  const headers = { 'content-type': 'Application/JSON;charset="UTF-8"', 'idempotency-key': 'k'.repeat(255) };
  expect((await post('{"size":1}', headers)).status).toBe(201);
});

test('refuses a compressed body unread', async () => {
  const answer = await send({ ...json, 'content-encoding': 'gzip' }, [gzipSync('{"size":1}')]);
  expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_content_encoding' } });
});

test('counts a chunked body as it arrives', async () => {
  expect(await send(json, ['{"size"', ':1}'])).toMatchObject({ status: 201 });
  const chunks = Array.from({ length: 40 }, () => 'x'.repeat(16_384));
  expect(await send(json, chunks)).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
});

test('forgets a request whose sender went away half-way', async () => {
  const request = httpRequest(`${bank.origin}/api/things`, {
    method: 'POST',
    headers: { ...json, 'content-length': 100 },
  });
  request.on('error', () => undefined);
  await new Promise((resolve) => request.write('{"size"', resolve));
  request.destroy();
  expect((await post({ size: 1 })).status).toBe(201);
});

test('takes an empty object, or nothing, where no body is expected, and refuses everything else', async () => {
  const touch = (body?: unknown) => bank.request<Problem>('POST', '/things/7/touch', { body });
  expect((await touch()).status).toBe(204);
  expect((await touch({})).status).toBe(204);
  expect(await touch({ a: 1 })).toMatchObject({ status: 422, body: { errors: [{ pointer: '/a' }] } });
});

test.each(['0', '-1', '1e3', '%201', '0x1', '9007199254740992', '01', '1.0', 'x', '%00'])(
  'refuses %s as an id',
  async (id) => {
    expect(await bank.request('GET', `/things/${id}`)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/id' }] },
    });
  },
);

test.each([
  ['limit=0', '/limit'],
  ['limit=1001', '/limit'],
  ['skip=-1', '/skip'],
  ['limit=5&limit=5', '/limit'],
  ['limit=', '/limit'],
  ['nothing=1', '/nothing'],
  ['colour=%00', '/colour'],
  ['cursor=AAAA', '/cursor'],
  [`cursor=${Buffer.from('{"filters":{"limit":{}},"next":{}}').toString('base64url')}`, '/cursor'],
])('refuses the query %s', async (query, pointer) => {
  expect(await bank.request('GET', `/things?${query}`)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
});

function send(
  headers: Record<string, string>,
  chunks: readonly (string | Buffer)[],
): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${bank.origin}/api/things`, { method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as unknown }));
    });
    request.on('error', reject);
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}
