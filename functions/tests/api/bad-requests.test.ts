// Methods, paths and headers that are wrong, some of them as no client library would send them.
import { beforeAll, describe, expect, test } from 'vitest';
import { expectUntouched, startWorld, type World } from './testing/people.ts';
import { expectProblem } from './testing/problems.ts';
import { postsOf, type Post } from './testing/posts.ts';
import { sendRaw, type RawAnswer } from './testing/raw.ts';
import { send } from './testing/send.ts';

let world: World;
let posts: Post[];
let before: Record<string, string>;
/** `/accounts/{id}` → its methods. */
const methods = new Map<string, Set<string>>();
beforeAll(async () => {
  world = await startWorld();
  posts = await postsOf(world);
  for (const key of world.bank.routes.keys()) {
    const [method = '', path = ''] = key.split(' ');
    methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  before = await world.settled();
});

const teller = () => world.bank.teller.token;
const concrete = (path: string) => path.replace('{id}', '1');
const allowed = (answer: { headers: Headers }) => answer.headers.get('allow')?.split(', ').sort();
const allowOf = (known: Set<string>) => [...known, ...(known.has('GET') ? ['HEAD'] : []), 'OPTIONS'].sort();

describe('every path', () => {
  test('answers a method that it does not have with 405 and those it has', async () => {
    for (const [path, known] of methods) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'QUERY']) {
        if (known.has(method)) continue;
        const answer = await world.ask(`${method} ${concrete(path)}`, teller());
        expectProblem(answer, '405 method_not_allowed');
        expect([path, allowed(answer)]).toEqual([path, allowOf(known)]);
      }
    }
  });

  test('answers OPTIONS with its methods, to anybody', async () => {
    for (const [path, known] of methods) {
      const answer = await world.ask(`OPTIONS ${concrete(path)}`, undefined);
      expect([path, answer.status, answer.text, allowed(answer)]).toEqual([path, 204, '', allowOf(known)]);
    }
  });

  test('answers HEAD as it answers GET, without the body', async () => {
    for (const [path, known] of methods) {
      const get = known.has('GET') ? await world.ask(`GET ${concrete(path)}`, teller()) : undefined;
      const head = await world.ask(`HEAD ${concrete(path)}`, teller());
      expect([path, head.status, head.text]).toEqual([path, get?.status ?? 405, '']);
      for (const name of ['content-type', 'etag', 'link']) {
        if (get) expect([path, head.headers.get(name)]).toEqual([path, get.headers.get(name)]);
      }
    }
  });

  test('keeps everybody out who has no token, but where anyone may ask', async () => {
    for (const [path, known] of methods) {
      if (known.has('GET')) {
        const answer = await world.ask(`HEAD ${concrete(path)}`, undefined);
        const { access } = world.bank.routes.get(`GET ${path}`)!;
        expect([path, answer.status]).toEqual([path, access === 'anyone' ? 200 : 401]);
      }
    }
  });
});

test.each([
  ['PUT /accounts/1 {"balance":1000000}', 'POST /transactions'],
  ['PATCH /accounts/1 {"balance":1000000}', 'POST /transactions'],
  ['DELETE /transactions/1', 'POST /transactions/{id}/reversal'],
  ['PUT /transactions/1 {"amount":1}', 'POST /transactions/{id}/reversal'],
])('%s is answered with what to do instead', async (line, instead) => {
  const answer = await world.ask(line, teller());
  expectProblem(answer, '405 method_not_allowed');
  expect(answer.text).toContain(instead);
});

test.each([
  '/',
  '/nothing',
  '/accounts//',
  '/accounts/1//',
  '/accounts/1/nothing',
  '/Accounts',
  '//accounts',
  '/deposits/1',
  '/api/accounts',
  '/robots.txt',
  '/favicon.ico',
  '/notify',
  '/accounts;x=1',
  '/%61ccounts',
])('there is nothing at %s, for any method', async (path) => {
  for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
    expectProblem(await world.ask(`${method} ${path}`, teller()), '404 route_not_found');
  }
});

describe('an Idempotency-Key', () => {
  const at255 = 'k'.repeat(255);
  test.each([
    ['of 256 characters', `${at255}k`],
    ['that is empty', ''],
    ['with an umlaut', 'schl\xfcssel'],
    ['with a tab', 'a\tb'],
    ['of bytes above ASCII', '\x80\xff'],
  ])('%s is refused wherever something is created', async (_what, key) => {
    for (const { path, command } of posts) {
      const headers = { 'idempotency-key': key };
      const line = `POST ${path} ${JSON.stringify(command)}`;
      expectProblem(
        await send(`${world.bank.origin}/api`, line, { token: teller(), headers }),
        '400 idempotency_key_invalid',
      );
    }
  });

  test('of 255 characters is fine', async () => {
    const line = await world.fill('POST /deposits {"account_id":<account>,"amount":1}');
    const options = { token: world.alice.token, headers: { 'idempotency-key': at255 } };
    const first = await send(`${world.bank.origin}/api`, line, options);
    const again = await send(`${world.bank.origin}/api`, line, options);
    expect([first.status, again.status, again.text]).toEqual([201, 201, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    before = await world.settled();
  });
});

test('a statement in a form that there is none of is 406', async () => {
  const path = await world.fill('/accounts/<account>/statement');
  const headers = { accept: 'application/pdf' };
  const answer = await send(`${world.bank.origin}/api`, `GET ${path}`, { token: teller(), headers });
  expectProblem(answer, '406 not_acceptable');
});

describe('what is hardly HTTP', () => {
  const host = 'Host: localhost\r\n';
  const bearer = () => `Authorization: Bearer ${world.alice.token}\r\n`;
  const deposit = `{"account_id":1,"amount":5}`;
  const post = (headers: string, body: string) => () =>
    `POST /api/deposits HTTP/1.1\r\n${host}${bearer()}Content-Type: application/json\r\n${headers}\r\n${body}`;

  test.each<[string, () => string, number]>([
    ['no HTTP', () => 'HELLO\r\n\r\n', 400],
    ['a method that there is none of', () => `FETCH /api/accounts HTTP/1.1\r\n${host}\r\n`, 400],
    ['a request without Host', () => `GET /api/accounts HTTP/1.1\r\n${bearer()}\r\n`, 400],
    ['a header without a name', () => `GET /api/accounts HTTP/1.1\r\n${host}: nothing\r\n\r\n`, 400],
    ['20 kB of headers', () => `GET /api/accounts HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a path of 20 kB', () => `GET /api/accounts/${'1'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`, 431],
    ['a length and chunks at once', post(`Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`, `0\r\n\r\n`), 400],
    ['two lengths', post(`Content-Length: 5\r\nContent-Length: 27\r\n`, deposit), 400],
    ['a negative length', post('Content-Length: -1\r\n', deposit), 400],
    ['a broken chunk', post('Transfer-Encoding: chunked\r\n', `zz\r\n${deposit}\r\n0\r\n\r\n`), 400],
    ['a space in the path', () => `GET /api/accounts 1 HTTP/1.1\r\n${host}${bearer()}\r\n`, 400],
    ['another path above', () => `GET /api/../api/accounts HTTP/1.1\r\n${host}${bearer()}\r\n`, 404],
    ['two slashes', () => `GET /api//accounts HTTP/1.1\r\n${host}${bearer()}\r\n`, 404],
    ['a whole address that is none', () => `GET http:// HTTP/1.1\r\n${host}${bearer()}\r\n`, 404],
    ['an asterisk', () => `OPTIONS * HTTP/1.1\r\n${host}\r\n`, 404],
    ['TRACE', () => `TRACE /api/accounts HTTP/1.1\r\n${host}${bearer()}\r\n`, 405],
    ['a body cut off by its length', post('Content-Length: 20\r\n', deposit), 400],
    ['a traceparent that is none', () => `GET /api/accounts HTTP/1.1\r\n${host}traceparent: '; drop\r\n\r\n`, 401],
  ])('%s', async (_what, text, status) => {
    const answer: RawAnswer = await sendRaw(world.bank.origin, text());
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain('<'); // The parser's own refusals have no words, and nobody's are HTML.
    if (!answer.body.startsWith('{')) return;
    expect(JSON.parse(answer.body)).toMatchObject({
      status,
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
  });

  test('a body that ends too soon moves nothing', async () => {
    const { status } = await sendRaw(world.bank.origin, post('Content-Length: 99\r\n', deposit)(), true);
    expect(status).toBe(400);
  });

  test('a whole address in place of a path is as good as its path', async () => {
    const request = `GET http://bank.example/api/accounts?limit=1 HTTP/1.1\r\n${host}${bearer()}\r\n`;
    expect((await sendRaw(world.bank.origin, request)).status).toBe(200);
  });
});

test('after all this every list answers, and nothing has changed', () => expectUntouched(world, before));
