// A session's end reaches every function within five seconds, in two processes of each, and what gives or takes rights at once.
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import type { DatabaseAddresses } from '../../platform/local/databases.ts';
import type { Contract, Route } from '../shared/contract/function.ts';
import { functionNames, loadFunction } from '../shared/process/load-functions.ts';
import {
  givenIssuer,
  startBank,
  startFunctionProcess,
  type FunctionProcess,
  type TestBank,
} from '../shared/testing/harness.ts';
import { tokenConfig, type Issuer } from '../shared/testing/issuer.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { Session } from '../sign-in/contract.ts';

const password = 'four unrelated words do';
/** What is promised. */
const withinMs = 5_000;

let databases: DatabaseAddresses;
let issuer: Issuer;
/** With sign-in, whose list all the others ask for. */
let bank: TestBank;
let endedSessionsUrl: string;
/** Two processes that each run every function. */
let copies: FunctionProcess[];
beforeAll(async () => {
  databases = await givenDatabases();
  issuer = await givenIssuer();
  const functions = ['sign-in', 'register-user', 'remove-user', 'close-account', 'read-users'];
  bank = await startBank({ databases, issuer, functions });
  endedSessionsUrl = `${bank.origin}/sign-in/.well-known/ended-sessions.json`;
  const config = {
    ...tokenConfig(issuer),
    endedSessionsUrl,
    databaseUrls: Object.fromEntries(Object.entries(databases).map(([name, { url }]) => [name, url])),
    functionUrl: `${bank.origin}/{function}`,
    passkeyOrigins: [bank.origin],
    poolMax: 4,
    logLevel: 'silent',
  };
  const main = fileURLToPath(new URL('testing/all-functions.ts', import.meta.url));
  const start = () => startFunctionProcess('all', { CONFIG: JSON.stringify(config) }, { issuer, main });
  copies = await Promise.all([start(), start()]);
}, 60_000);

type Asked = { name: string; method: string; path: string };

/** A route of each function that needs somebody; what it would answer does not matter. */
async function routesWithTokens(): Promise<Asked[]> {
  const functions = await Promise.all((await functionNames()).map(loadFunction));
  return functions.flatMap(({ contract }: { contract: Contract }) => {
    const found = Object.entries<Route>(contract.routes).find(([, { access }]) => access !== 'anyone');
    if (!found) return [];
    const [method = '', path = ''] = found[0].replace(/\{\w+\}/g, '999999').split(' ');
    return [{ name: contract.name, method, path: `/${contract.name}${path}` }];
  });
}

async function givenTeller(name: string): Promise<{ id: number; session: Session }> {
  const body = { name, email: `${name.toLowerCase()}@example.com`, password, role: 'teller' };
  const registered = await bank.request<{ id: number }>('POST', '/users', { token: await bank.tellerToken(), body });
  const session = (await bank.request<Session>('POST', '/sessions', { body: { email: body.email, password } })).body;
  return { id: registered.body.id, session };
}

const codeOf = async (copy: FunctionProcess, { name, method, path }: Asked, token: string) => {
  // A stream that is let in would not end; only its head is of interest.
  const response = await fetch(copy.url + path, { method, headers: { authorization: `Bearer ${token}` } });
  const isProblem = response.headers.get('content-type') === 'application/problem+json';
  const code = isProblem ? ((await response.json()) as { code: string }).code : undefined;
  if (!isProblem) await response.body?.cancel();
  return `${name}: ${response.status === 401 ? `401 ${code}` : 'let in'}`;
};

test('a removed teller’s token is refused by two processes of every function within five seconds', async () => {
  await givenTeller('Stayer'); // So that the other is not the last.
  const { id, session } = await givenTeller('Leaver');
  const routes = await routesWithTokens();
  expect(routes.length).toBeGreaterThan(15);
  const ask = () =>
    Promise.all(copies.flatMap((copy) => routes.map((route) => codeOf(copy, route, session.access_token))));
  const all = (told: string) => copies.flatMap(() => routes.map(({ name }) => `${name}: ${told}`));
  expect(await ask()).toEqual(all('let in'));

  const removed = await bank.request('DELETE', `/users/${id}`, { token: await bank.tellerToken() });
  expect(removed.status).toBe(204);
  // Nobody asks in between, which would make the copies of the list younger than they may be.
  await sleep(withinMs);
  expect(await ask()).toEqual(all('401 session_ended'));
});

test('what gives or takes rights refuses it at once, in a process that has not heard of the end', async () => {
  const { id, session } = await givenTeller('Hasty');
  const victim = await givenTeller('Victim');
  const token = session.access_token;
  const [copy] = copies as [FunctionProcess];
  // It has a fresh copy of the list now, in which nobody has ended.
  expect((await copy.request('GET', '/read-users/users', { token })).status).toBe(200);
  expect((await bank.request('DELETE', `/users/${id}`, { token: await bank.tellerToken() })).status).toBe(204);

  const accomplice = { name: 'Accomplice', email: 'accomplice@example.com', password, role: 'teller' };
  const privileged: [method: string, path: string, body?: object][] = [
    ['POST', '/register-user/users', accomplice],
    ['DELETE', `/remove-user/users/${victim.id}`],
    ['POST', `/change-role/users/${victim.id}/role`, { role: 'customer', reason: 'Revenge' }],
    ['POST', `/reset-password/users/${victim.id}/password-reset`, {}],
    ['DELETE', `/sign-in/sessions/${victim.session.session_id}`],
  ];
  for (const [method, path, body] of privileged) {
    const { status, body: told } = await copy.request<{ code: string }>(method, path, { token, body });
    expect([path, status, told.code]).toEqual([path, 401, 'session_ended']);
  }
  expect(await bank.request('GET', `/users/${victim.id}`, { token: victim.session.access_token })).toMatchObject({
    status: 200,
  });
});

test('a stream ends with its session, and says so', async () => {
  const { access_token: token } = (await givenTeller('Reader')).session;
  const [copy] = copies as [FunctionProcess];
  const url = `${copy.url}/read-notifications/notifications/stream`;
  const stream = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  expect(stream.status).toBe(200);
  const text = stream.text();
  expect((await bank.request('DELETE', '/sessions', { token })).status).toBe(204);
  // It waits for the end of the stream: a stream that goes on is a test that times out.
  expect(await text).toMatch(/event: ended\ndata: \{"reason":"session_ended"\}\n\n$/);
  expect(await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json()).toMatchObject({
    status: 401,
    code: 'session_ended',
  });
});
