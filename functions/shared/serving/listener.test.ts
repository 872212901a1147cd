// Plain HTTP as its callers see it: answers, links, validators, and what they learn when something breaks.
import { beforeAll, expect, test } from 'vitest';
import { startBank, type TestBank } from '../testing/harness.ts';
import { thingsFunction } from '../testing/things-function.ts';

let bank: TestBank;
beforeAll(async () => {
  bank = await startBank({ functions: [thingsFunction] });
});

type Problem = { code: string; detail: string; errors?: { pointer: string; detail: string }[]; trace_id: string };
const post = (body: unknown, headers = {}) => bank.request<Problem>('POST', '/things', { body, headers });

test('answers 201 with the place of what was made, as the caller reaches it', async () => {
  const made = await bank.request<{ size: number; scope: string }>('POST', '/things', { body: { size: 1 } });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ size: 1, name: 'a thing', scope: 'anonymous' });
  expect(made.headers.get('location')).toBe('/api/things/7');
  expect(made.headers.get('cache-control')).toBe('no-store');
  expect(made.headers.get('x-content-type-options')).toBe('nosniff');
  const inside = await bank.deliver('POST', '/things/things', { body: { size: 1 } });
  expect(inside.headers.get('location')).toBe('/things/7');
});

test('links to the next page with a cursor that carries filters and position', async () => {
  const first = await bank.request('GET', '/things?limit=5&skip=2&colour=red%20%C3%A9');
  expect(first.body).toEqual([{ limit: 5, skip: 2, colour: 'red é' }]);
  const [, link = ''] = /^<\/api(\/things\?cursor=[\w-]+)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? [];

  const second = await bank.request('GET', link);
  expect(second.body).toEqual([{ limit: 5, skip: 0, colour: 'red é', after: { id: 3, at: 'now' } }]);
  expect((await bank.request('GET', `${link}&limit=7&colour=red%20%C3%A9`)).body).toMatchObject([{ limit: 7 }]);
  expect(await bank.request('GET', `${link}&colour=blue`)).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/cursor' }] },
  });
  expect((await bank.request('GET', '/things?skip=9')).headers.get('link')).toBeNull();
});

test('answers 304 to a caller who has the current version', async () => {
  const first = await bank.request('GET', '/things/7');
  expect(first.headers.get('etag')).toBe('"v7"');
  for (const tag of ['"v7"', 'W/"v7"', '"v6", "v7"', '*']) {
    const again = await bank.request('GET', '/things/7', { headers: { 'if-none-match': tag } });
    expect([again.status, again.body]).toEqual([304, undefined]);
  }
  expect((await bank.request('GET', '/things/7', { headers: { 'if-none-match': '"v6"' } })).status).toBe(200);
});

test('answers HEAD as GET without the body, and OPTIONS with the methods', async () => {
  const head = await bank.request('HEAD', '/things/7');
  expect([head.status, head.body, head.headers.get('etag')]).toEqual([200, undefined, '"v7"']);
  const options = await bank.request('OPTIONS', '/things/7');
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, POST, DELETE, HEAD, OPTIONS']);
});

test('answers with what the caller accepts, 406 when there is no such thing', async () => {
  const csv = await bank.request('GET', '/things/7', { headers: { accept: 'text/csv, application/json;q=0.5' } });
  expect([csv.body, csv.headers.get('content-type')]).toEqual(['id\r\n7\r\n', 'text/csv; charset=utf-8']);
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="thing__7_.csv"');
  for (const accept of ['*/*', 'application/*', 'text/html, */*;q=0.1', 'text/csv;q=0, application/json']) {
    expect((await bank.request('GET', '/things/7', { headers: { accept } })).body).toMatchObject({ id: 7 });
  }
  expect(await bank.request('GET', '/things/7', { headers: { accept: 'image/png' } })).toMatchObject({ status: 406 });
});

test('answers 404 for unknown paths, and 405 with the way to do it', async () => {
  expect(await bank.request('GET', '/nothing')).toMatchObject({ status: 404, body: { code: 'route_not_found' } });
  expect(await bank.request('POST', '/', { body: {} })).toMatchObject({
    status: 404,
    body: { code: 'route_not_found' },
  });
  expect(await bank.deliver('POST', '/things', { body: {} })).toMatchObject({
    status: 400,
    body: { code: 'cloudevent_invalid' },
  });
  const put = await bank.request<Problem>('PUT', '/things/7', { body: {} });
  expect([put.status, put.body.code, put.body.detail]).toEqual([405, 'method_not_allowed', 'things do not change']);
  expect(put.headers.get('allow')).toBe('GET, POST, DELETE, HEAD, OPTIONS');
});

test.each([
  ['at once', -1],
  ['after a while', 500],
])('answers 500 without a word of what broke %s, and lives on', async (_when, size) => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const answer = await post({ size }, { traceparent });
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal_error', trace_id: traceparent.slice(3, 35) } });
  expect(JSON.stringify(answer.body)).not.toMatch(/broke (at|after)|secret|\.ts/);
  expect((await post({ size: 1 })).status).toBe(201);
});

test('answers 503 with Retry-After when the database went away, and the handler did not say so itself', async () => {
  const answer = await post({ size: 57 });
  expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
});

test('does without the domain module', () => {
  expect((process as unknown as { moduleLoadList: string[] }).moduleLoadList).not.toContain('NativeModule domain');
});

test('answers probes without asking anybody', async () => {
  for (const probe of ['livez', 'readyz', 'healthz']) {
    expect(await bank.deliver('GET', `/things/${probe}`)).toMatchObject({ status: 200, body: { status: 'ok' } });
  }
});
