// A function that runs alone takes nobody's word for where a request came from but the edge's.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { givenIssuer, startFunctionProcess } from '../testing/harness.ts';
import { ownPageHeader } from '../contract/headers.ts';
import { believeEdge, edgeSecretHeader } from './from-edge.ts';
import { listen } from './listen.ts';

const secret = 'the-edge-shows-this-with-each-request';
const next = 'and-this-one-once-the-first-has-ended';
const said = {
  'x-forwarded-for': '203.0.113.9',
  'x-forwarded-proto': 'https',
  'x-forwarded-prefix': '/api',
};
const more = { forwarded: 'for=203.0.113.9', 'x-forwarded-host': 'evil.example', 'x-real-ip': '203.0.113.9' };

function echo({ headers }: IncomingMessage, response: ServerResponse): void {
  const kept = Object.entries(headers).filter(([name]) => /forwarded|real-ip|edge/.test(name));
  response.end(JSON.stringify(Object.fromEntries(kept)));
}
const serve = (...secrets: string[]) => listen(believeEdge(echo, secrets), { port: 0, host: '127.0.0.1' });
const servers = { none: await serve(), one: await serve(secret), two: await serve(secret, next) };
afterAll(() => Promise.all(Object.values(servers).map(({ stop }) => stop())));

test.each([
  ['nothing, where no edge is configured', 'none', undefined, false],
  ['any secret, where no edge is configured', 'none', secret, false],
  ['no word, where no edge is configured', 'none', '', false],
  ['nothing', 'one', undefined, false],
  ['no word', 'one', '', false],
  ['a part of the secret', 'one', secret.slice(0, -1), false],
  ['the secret in capitals', 'one', secret.toUpperCase(), false],
  ['the secret twice', 'one', `${secret}, ${secret}`, false],
  ['another secret', 'one', next, false],
  ['the secret', 'one', secret, true],
  ['the secret until now', 'two', secret, true],
  ['the secret from now on', 'two', next, true],
  ['both secrets', 'two', `${secret},${next}`, false],
] as const)('whoever shows %s, with secrets: %s', async (_what, which, shown, isBelieved) => {
  const headers = { ...said, ...(shown !== undefined && { [edgeSecretHeader]: shown }) };
  const answer = await fetch(servers[which].url, { headers });
  expect(await answer.json()).toEqual(isBelieved ? said : {});
});

test("other headers of the kind are nobody's word", async () => {
  expect(await (await fetch(servers.one.url, { headers: { ...said, ...more } })).json()).toEqual({});
});

test('a function in a process of its own knows the edge by EDGE_SECRET', async () => {
  const issuer = await givenIssuer();
  const env = {
    SIGNING_KEY: JSON.stringify(issuer.signingKey),
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  };
  const signOut = async (variables: Record<string, string>, headers: Record<string, string>): Promise<string[]> => {
    const alone = await startFunctionProcess('sign-in', { ...env, ...variables }, { issuer });
    const own = { [ownPageHeader.name]: ownPageHeader.value };
    const answer = await alone.request('DELETE', '/web-sessions/current', { headers: { ...own, ...headers } });
    await alone.kill('SIGKILL');
    expect(answer.status).toBe(204);
    return answer.headers.getSetCookie().map((cookie) => cookie.split('=')[0] ?? '');
  };
  const shown = { ...said, [edgeSecretHeader]: secret };
  expect(await signOut({}, shown)).toEqual(['microbank_session', 'microbank_renewal']);
  expect(await signOut({ EDGE_SECRET: `${next},${secret}` }, said)).toEqual(['microbank_session', 'microbank_renewal']);
  expect(await signOut({ EDGE_SECRET: `${next},${secret}` }, shown)).toEqual([
    '__Host-microbank_session',
    '__Secure-microbank_renewal',
  ]);
});
