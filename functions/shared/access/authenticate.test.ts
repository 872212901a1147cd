// Session cookies as requests carry them: whom they name, when they count for nothing, and what they alone never authorise.
import { generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { sendRaw } from '../../tests/api/testing/raw.ts';
import { cookieName } from './cookies.ts';
import { givenIssuer, startBank, type TestBank } from '../testing/harness.ts';
import type { Issuer } from '../testing/issuer.ts';
import { thingsFunction } from '../testing/things-function.ts';

type Thing = { caller: unknown; scope: string; fingerprint: string; code: string; detail?: string };
type Headers = Record<string, string>;
const plainCookieName = cookieName('session', false);
const secureCookieName = cookieName('session', true);

let issuer: Issuer;
let bank: TestBank;
let alice: string;
beforeAll(async () => {
  issuer = await givenIssuer();
  bank = await startBank({ functions: [thingsFunction], issuer });
  alice = await issuer.tokenFor({ userId: 7 });
});

const nobody = { role: 'anonymous' };
const customer = { role: 'customer', userId: 7 };
const ownPage = { 'x-requested-with': 'microbank-web' };
const cookie = (token: string, name = plainCookieName) => `${name}=${token}`;
const read = (headers: Headers) => bank.request<Thing>('GET', '/things/7', { headers });
const change = (headers: Headers) => bank.request<Thing>('POST', '/things/7', { body: { size: 1 }, headers });

const requests: [what: string, headers: () => Headers | Promise<Headers>, caller: object][] = [
  ['a cookie', () => ({ cookie: cookie(alice) }), customer],
  ['a cookie among others', () => ({ cookie: `a=b; ${cookie(alice)};theme="dark"; x${cookie('y')}` }), customer],
  ['a cookie among 10 kB of others', () => ({ cookie: `${'a=b; '.repeat(2_000)}${cookie(alice)}` }), customer],
  ['the secure name over https', () => ({ cookie: cookie(alice, secureCookieName), ...forwarded('https') }), customer],
  ['the secure name over http', () => ({ cookie: cookie(alice, secureCookieName), ...forwarded('http') }), nobody],
  ['the secure name over nothing said', () => ({ cookie: cookie(alice, secureCookieName) }), nobody],
  ['the plain name over https', () => ({ cookie: cookie(alice), ...forwarded('HTTPS, http') }), nobody],
  ['the name in capitals', () => ({ cookie: cookie(alice, plainCookieName.toUpperCase()) }), nobody],
  ['no value', () => ({ cookie: cookie('') }), nobody],
  ['no equals sign', () => ({ cookie: plainCookieName }), nobody],
  ['garbage', () => ({ cookie: cookie('garbage') }), nobody],
  ['two tokens in one', () => ({ cookie: cookie(`${alice} ${alice}`) }), nobody],
  ['a quoted token', () => ({ cookie: cookie(`"${alice}"`) }), nobody],
  ['two cookies of the name', () => ({ cookie: `${cookie(alice)}; ${cookie(alice)}` }), nobody],
  ['a planted cookie behind it', () => ({ cookie: `${cookie(alice)}; ${cookie('planted')}` }), nobody],
  ['a token of 5,000 characters', () => ({ cookie: cookie('a'.repeat(5_000)) }), nobody],
  ['an expired token', async () => ({ cookie: cookie(await issuer.tokenFor({ userId: 7, expiresIn: -60 })) }), nobody],
  [
    'a token of another audience',
    async () => ({ cookie: cookie(await issuer.tokenFor({ userId: 7, audience: 'x' })) }),
    nobody,
  ],
  ['a token signed by somebody else', async () => ({ cookie: cookie(await forged()) }), nobody],
  ['a changed token', () => ({ cookie: cookie(`${alice.slice(0, -8)}AAAAAAAA`) }), nobody],
];
describe('the caller, or nobody, is whom the session cookie names', () => {
  test.each(requests)('%s', async (_what, headers, caller) => {
    const answer = await read(await headers());
    expect([answer.status, answer.body.caller]).toEqual([200, caller]);

    const changed = await change({ ...(await headers()), ...ownPage });
    expect(changed.status).toBe(caller === nobody ? 401 : 201);
    if (caller === nobody) expect(changed.body.code).toBe('unauthenticated');
  });
});

test('a request with 20 kB of cookies is refused before anybody reads them', async () => {
  const { status } = await sendRaw(
    bank.origin,
    `GET /api/things/7 HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie('a'.repeat(20_000))}\r\n\r\n`,
  );
  expect(status).toBe(431);
});

test('an Authorization header wins over the cookie, whether it is good or not', async () => {
  const bob = await issuer.tokenFor({ userId: 8 });
  const both = await read({ cookie: cookie(alice), authorization: `Bearer ${bob}` });
  expect(both.body.caller).toEqual({ role: 'customer', userId: 8 });
  expect(await read({ cookie: cookie(alice), authorization: 'Bearer garbage' })).toMatchObject({ status: 401 });
  expect(await read({ cookie: cookie(alice), authorization: '' })).toMatchObject({ status: 401 });
});

test('a request is the same one whether a cookie or a bearer token signs it', async () => {
  const [byCookie, byToken] = [
    await change({ cookie: cookie(alice), ...ownPage }),
    await change({ authorization: `Bearer ${alice}` }),
  ];
  expect(byCookie.body).toMatchObject({ scope: 'user:7', fingerprint: byToken.body.fingerprint });
  expect(byToken.body.scope).toBe('user:7');
});

test('keys that cannot be fetched are a fault, not a signed out browser', async () => {
  const away = await startBank({ functions: [thingsFunction], config: { jwksUrl: 'http://127.0.0.1:1/' } });
  const headers = { cookie: cookie(alice) };
  expect(await away.request('GET', '/things/7', { headers })).toMatchObject({ status: 503 });
});

const site = (value: string): Headers => ({ ...ownPage, 'sec-fetch-site': value });
const changes: [what: string, headers: Headers, told: string, detail?: string][] = [
  ['without the header', {}, '403 csrf_refused', 'X-Requested-With'],
  ['with the header of some library', { 'x-requested-with': 'XMLHttpRequest' }, '403 csrf_refused', 'X-Requested-With'],
  ['from the same origin without the header', { 'sec-fetch-site': 'same-origin' }, '403 csrf_refused'],
  ['from another site', site('cross-site'), '403 csrf_refused', 'Sec-Fetch-Site'],
  ['from a neighbouring host or port', site('same-site'), '403 csrf_refused', 'Sec-Fetch-Site'],
  ['from no page', site('none'), '403 csrf_refused', 'Sec-Fetch-Site'],
  ['from a page of the bank', site('same-origin'), '201'],
  ['from a page of the bank in an old browser', ownPage, '201'],
];
describe('a change that a cookie signs', () => {
  test.each(changes)('%s', async (_what, headers, told, detail = '') => {
    const { status, body } = await change({ cookie: cookie(alice), ...headers });
    expect(status === 201 ? '201' : `${status} ${body.code}`).toBe(told);
    expect(body.detail ?? '').toContain(detail);
    const deleted = await bank.request<Thing>('DELETE', '/things/7', {
      headers: { cookie: cookie(alice), ...headers },
    });
    expect(deleted).toMatchObject({ status: 403, body: { code: status === 201 ? 'forbidden' : 'csrf_refused' } });
  });

  test.each(changes)('needs nothing else when a bearer token signs it %s', async (_what, headers) => {
    const bearer = { authorization: `Bearer ${alice}` };
    expect(await change({ ...headers, ...bearer, cookie: cookie(alice) })).toMatchObject({ status: 201 });
  });

  test.each(changes)('needs nothing else when it is only read %s', async (_what, headers) => {
    for (const method of ['GET', 'HEAD'])
      expect((await bank.request(method, '/things/7', { headers: { cookie: cookie(alice), ...headers } })).status).toBe(
        200,
      );
  });
});

test('no page of another origin is told that it may send our header', async () => {
  const preflight = { origin: 'https://evil.test', 'access-control-request-method': 'POST' };
  const { status, headers } = await bank.request('OPTIONS', '/things/7', {
    headers: { ...preflight, 'access-control-request-headers': 'x-requested-with' },
  });
  expect(status).toBe(204);
  expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
});

describe('a CloudEvent', () => {
  const attributes = { 'ce-specversion': '1.0', 'ce-id': 'e-1', 'ce-source': '/test' };
  const command = { ...attributes, 'ce-type': 'com.microbank.thing.requested' };

  test.each(['/things/', '/api/things/7'])('is signed by no cookie, at %s', async (path) => {
    const parts = (headers: Headers) => ({ body: { id: 7, size: 1 }, headers: { ...command, ...headers } });
    const byCookie = await bank.deliver<Thing>('POST', path, parts({ cookie: cookie(alice), ...ownPage }));
    // 500 where a broker delivers, so that it keeps what a 401 would lose.
    expect([byCookie.status, byCookie.body.code]).toEqual([path === '/things/' ? 500 : 401, 'unauthenticated']);
    expect(await bank.deliver('POST', path, parts({ authorization: `Bearer ${alice}` }))).toMatchObject({
      status: 200,
    });
  });
});

function forwarded(scheme: string): Headers {
  return { 'x-forwarded-proto': scheme };
}

async function forged(): Promise<string> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  return new SignJWT({ role: 'teller' })
    .setProtectedHeader({ alg: 'EdDSA', kid: issuer.signingKey.kid ?? '' })
    .setSubject('7')
    .setIssuer(issuer.jwtIssuer)
    .setAudience(issuer.jwtAudience)
    .setExpirationTime('1h')
    .sign(privateKey);
}
