// Who is let in: every kind of token at every kind of route.
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { createTokenCheck } from './check-token.ts';
import { createEndedSessions } from './ended-sessions.ts';
import { Refusal, Unavailable } from '../contract/errors.ts';
import { listen } from '../serving/listen.ts';
import { givenIssuer, startBank, type TestBank } from '../testing/harness.ts';
import type { Issuer } from '../testing/issuer.ts';
import { thingsFunction } from '../testing/things-function.ts';

let issuer: Issuer;
let bank: TestBank;
beforeAll(async () => {
  issuer = await givenIssuer();
  bank = await startBank({ functions: [thingsFunction], issuer });
});

const anyone = (headers: Record<string, string>) => bank.request('GET', '/things/7', { headers });
const signedIn = (headers: Record<string, string>) => bank.request('POST', '/things/7', { body: { size: 1 }, headers });
const teller = (headers: Record<string, string>) => bank.request('DELETE', '/things/7', { headers });

const tokens: [what: string, token: () => Promise<string> | string, statuses: number[]][] = [
  ['a customer', () => issuer.tokenFor({ userId: 7 }), [200, 201, 403]],
  ['a teller', () => issuer.tokenFor({ userId: 1, role: 'teller' }), [200, 201, 204]],
  ['a customer whose token expired 20 s ago', () => issuer.tokenFor({ userId: 7, expiresIn: -20 }), [200, 201, 403]],
  ['a token that expired a minute ago', () => issuer.tokenFor({ userId: 7, expiresIn: -60 }), [401, 401, 401]],
  ['garbage', () => 'garbage', [401, 401, 401]],
  ['an empty token', () => '', [401, 401, 401]],
  ['three words', () => 'a.b.c', [401, 401, 401]],
  ['a token of another audience', () => issuer.tokenFor({ userId: 7, audience: 'shop' }), [401, 401, 401]],
  ['a token of another issuer', () => issuer.tokenFor({ userId: 7, issuer: 'https://evil.test' }), [401, 401, 401]],
  ['another role', () => issuer.tokenFor({ userId: 7, role: 'admin' }), [401, 401, 401]],
  ['a token of no session', () => issuer.tokenFor({ userId: 7, sessionId: null }), [401, 401, 401]],
  ['a token of what is no session', () => issuer.tokenFor({ userId: 7, sessionId: 'x' }), [401, 401, 401]],
  ['a subject that is no id', () => issuer.tokenFor({ userId: 'x' }), [401, 401, 401]],
  ['subject 0', () => issuer.tokenFor({ userId: 0 }), [401, 401, 401]],
  ['a token without signature', () => unsigned(), [401, 401, 401]],
  ['a token signed by another key', () => signedByAnother(issuer.signingKey.kid), [401, 401, 401]],
  ['a token of an unknown key', () => signedByAnother('unknown'), [401, 401, 401]],
  ['a token of 5,000 characters', () => 'a'.repeat(5_000), [401, 401, 401]],
];
test.each(tokens)('%s', async (_what, token, statuses) => {
  const headers = { authorization: `Bearer ${await token()}` };
  const answers = [await anyone(headers), await signedIn(headers), await teller(headers)];
  expect(answers.map(({ status }) => status)).toEqual(statuses);
  for (const answer of answers) {
    if (answer.status !== 401) continue;
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="microbank", error="invalid_token"');
    expect(answer.body).toMatchObject({ code: 'unauthenticated' });
  }
});

test('nobody is let in only where anyone is', async () => {
  expect((await anyone({})).status).toBe(200);
  for (const answer of [await signedIn({}), await teller({})]) {
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="microbank"']);
  }
  expect((await anyone({ authorization: 'Basic dXNlcjpwYXNz' })).status).toBe(401);
});

test('who is not let in learns nothing about what was wrong with the rest', async () => {
  expect(await bank.request('POST', '/things/x', { body: '{' })).toMatchObject({ status: 401 });
});

test('a token is verified once and forgotten when it has expired', async () => {
  let now = new Date();
  const check = createTokenCheck(issuer, createEndedSessions(issuer.endedSessionsUrl), () => now);
  const authorization = `bearer ${await issuer.tokenFor({ userId: 7, expiresIn: 60 })}`;
  const first = await check(authorization);
  expect(check(authorization)).toBe(first);
  now = new Date(now.getTime() + 95_000);
  expect(() => check(authorization)).toThrow(Refusal);
  await expect(async () => check(authorization)).rejects.toThrow(Refusal);
});

test('an issuer that is away, or answers nonsense, makes nobody unauthenticated', async () => {
  await using nonsense = await nonsenseIssuer();
  const authorization = `Bearer ${await issuer.tokenFor({ userId: 7 })}`;
  for (const jwksUrl of [
    'http://127.0.0.1:1/',
    `${nonsense.url}/500`,
    `${nonsense.url}/text`,
    `${nonsense.url}/object`,
  ]) {
    const check = createTokenCheck(
      { ...issuer, jwksUrl },
      createEndedSessions(issuer.endedSessionsUrl),
      () => new Date(),
    );
    await expect(async () => check(authorization)).rejects.toThrow(Unavailable);
  }
});

function unsigned(): string {
  const { jwtIssuer, jwtAudience } = issuer;
  return new UnsecuredJWT({ role: 'teller' })
    .setSubject('1')
    .setIssuer(jwtIssuer)
    .setAudience(jwtAudience)
    .setExpirationTime('1h')
    .encode();
}

async function signedByAnother(kid: string | undefined): Promise<string> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  return new SignJWT({ role: 'teller' })
    .setProtectedHeader({ alg: 'EdDSA', kid: kid ?? '' })
    .setSubject('1')
    .setIssuer(issuer.jwtIssuer)
    .setAudience(issuer.jwtAudience)
    .setExpirationTime('1h')
    .sign(privateKey);
}

async function nonsenseIssuer() {
  const bodies: Record<string, [number, string]> = {
    '/500': [500, ''],
    '/text': [200, 'hello'],
    '/object': [200, '{"a":1}'],
  };
  const server = await listen(
    (request, response) => {
      const [status, body] = bodies[request.url ?? ''] ?? [404, ''];
      response.writeHead(status).end(body);
    },
    { port: 0, host: '127.0.0.1', graceMs: 0 },
  );
  return { url: server.url, [Symbol.asyncDispose]: server.stop };
}
