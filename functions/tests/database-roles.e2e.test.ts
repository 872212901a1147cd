// Each function that is no writer, alone in a process as on a cluster: as the role that its contract names it answers all that it promises.
import pg from 'pg';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { relayStatus, type Question } from '../../eventing/outbox/questions.ts';
import type { Contract, DatabaseName } from '../shared/contract/function.ts';
import { functionNames, loadFunction } from '../shared/process/load-functions.ts';
import { payeeQuestion } from '../shared/questions/payee.ts';
import { givenIssuer, startBank, startFunctionProcess } from '../shared/testing/harness.ts';
import { madePasskey, usedPasskey } from './api/testing/posts.ts';
import { addressAs, givenDatabases } from '../shared/testing/postgres.ts';

type Sent = { status: number; path?: string; body?: object | string; headers?: Record<string, string>; as?: 'teller' };

const credentials = { email: 'alice@example.com', password: 'four unrelated words do' };
const ownPage = { 'x-requested-with': 'microbank-web', 'sec-fetch-site': 'same-origin' };

const databases = await givenDatabases();
const issuer = await givenIssuer();
// What the others are asked for is written by writers, and those that they ask answer.
const others = ['register-user', 'read-users', 'open-account', 'deposit', 'notify', 'relay', 'dead-letter'];
const bank = await startBank({ databases, issuer, functions: others });
const teller = await bank.tellerToken();

const post = async (path: string, body: object) =>
  (await bank.request<{ id: number }>('POST', path, { token: teller, body })).body.id;
const user = await post('/users', { name: 'Alice Johnson', ...credentials });
const account = await post('/accounts', { user_id: user, account_type: 'checking', balance: 10 });
const transaction = await post('/deposits', { account_id: account, amount: 2.5, description: 'Salary' });
const token = await bank.tokenFor({ userId: user });
const passkey = '019a0c5e-7c1e-7d52-a3a3-2f6f3b1c9d4e';
const today = new Date().toISOString().slice(0, 10);

beforeAll(async () => {
  const owner = new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 1 });
  const told = { user_id: user, kind: 'deposit', message: 'Deposit', transaction_id: transaction, account_id: account };
  const events = [1, 2].map((id) => ({ source: '/test', id: `told-${id}`, notifications: [told] }));
  await owner.query('SELECT apply_events($1)', [JSON.stringify(events)]);
  await owner.end();
  const users = new pg.Pool({ connectionString: databases.users.adminUrl, max: 1 });
  await users.query(
    `INSERT INTO passkey (id, user_id, credential_id, user_handle, site, public_key, sign_count, transports, name, synced)
     VALUES ($1, $2, 'x', decode(repeat('00', 32), 'hex'), 'localhost', 'x', 0, '{}', 'Phone', false)`,
    [passkey, user],
  );
  await users.query(
    `INSERT INTO audit_entry (act, actor_role, subject, trace_id) VALUES ('user.removed', 'anonymous', 'users/0', '')`,
  );
  await users.end();
});

/** Every route of every function that is no writer, in this order: the path with its query, and what else it takes. */
const requests: Record<string, Record<string, Sent>> = {
  'read-users': {
    'GET /audit/users': { status: 200, path: '/audit/users', as: 'teller' },
    'GET /users': { status: 200, path: '/users?q=alice&email=Alice@example.com' },
    'GET /users/{id}': { status: 200, path: `/users/${user}` },
  },
  'read-accounts': {
    'GET /accounts': { status: 200, path: `/accounts?user_id=${user}&status=open` },
    'GET /accounts/days': { status: 200, path: `/accounts/days?user_id=${user}&currency=USD` },
    'GET /accounts/{id}': { status: 200, path: `/accounts/${account}?as_of=${new Date().toISOString()}` },
    'GET /accounts/{id}/days': { status: 200, path: `/accounts/${account}/days` },
  },
  'read-transactions': {
    'GET /audit/ledger': { status: 200, path: '/audit/ledger?act=account.opened', as: 'teller' },
    'GET /transactions': { status: 200, path: `/transactions?account_id=${account}&min_amount=1&q=salary` },
    'GET /transactions/{id}': { status: 200, path: `/transactions/${transaction}` },
  },
  'read-statement': {
    'GET /accounts/{id}/statement': { status: 200, path: `/accounts/${account}/statement?from=${today}T00:00:00Z` },
  },
  'find-payee': { 'GET /payees': { status: 200, path: `/payees?email=${credentials.email}&currency=USD` } },
  'read-notifications': {
    'GET /notifications': { status: 200, path: `/notifications?user_id=${user}&unread=true` },
    'GET /notifications/unread': { status: 200, path: '/notifications/unread' },
    'GET /notifications/stream': { status: 200, path: '/notifications/stream', headers: { 'last-event-id': '0' } },
    'GET /notifications/{id}': { status: 200, path: '/notifications/1' },
    'POST /notifications/{id}/read': { status: 200, path: '/notifications/1/read' },
    'POST /notifications/read': { status: 200, path: '/notifications/read', body: { up_to_id: 2 } },
    'DELETE /notifications/{id}': { status: 204, path: '/notifications/1' },
  },
  'dead-letter': {},
  operations: {
    'GET /operations': { status: 200, path: '/operations' },
    'GET /operations/functions': { status: 200, path: '/operations/functions' },
    'GET /operations/dead-letters': { status: 200, path: '/operations/dead-letters' },
    'POST /operations/dead-letters/{id}/redrive': { status: 200, path: '/operations/dead-letters/1/redrive' },
    'POST /operations/dead-letters/redrive': { status: 200, path: '/operations/dead-letters/redrive' },
    'POST /operations/dead-letters/{id}/discard': {
      status: 200,
      path: '/operations/dead-letters/1/discard',
      body: { reason: 'made by a test' },
    },
    'GET /audit/notifications': { status: 200, path: '/audit/notifications' },
  },
  'change-password': {
    'POST /users/{id}/password': {
      status: 204,
      path: `/users/${user}/password`,
      body: { current_password: credentials.password, new_password: credentials.password },
    },
  },
  'reset-password': {
    'POST /users/{id}/password-reset': { status: 201, path: `/users/${user}/password-reset`, body: {}, as: 'teller' },
    'POST /password-resets': {
      status: 422,
      path: '/password-resets',
      body: { email: credentials.email, code: 'wrong', new_password: credentials.password },
    },
  },
  passkeys: {
    'GET /passkeys': { status: 200, path: '/passkeys' },
    'POST /passkeys/options': { status: 200, path: '/passkeys/options', body: { password: credentials.password } },
    'POST /passkeys': { status: 422, path: '/passkeys', body: { name: 'Phone', response: madePasskey } },
    'DELETE /passkeys/{id}': { status: 204, path: `/passkeys/${passkey}` },
  },
  'sign-in': {
    'POST /sessions': { status: 201, path: '/sessions', body: credentials },
    'POST /web-sessions': { status: 201, path: '/web-sessions', body: credentials, headers: ownPage },
    'POST /web-sessions/passkey-options': { status: 200, path: '/web-sessions/passkey-options' },
    'POST /web-sessions/passkey': {
      status: 401,
      path: '/web-sessions/passkey',
      body: { response: usedPasskey },
      headers: ownPage,
    },
    'GET /web-sessions/current': { status: 200, path: '/web-sessions/current' },
    // Without the session's secret, which is in a cookie.
    'POST /web-sessions/current/renewal': { status: 401, path: '/web-sessions/current/renewal', headers: ownPage },
    'POST /sessions/renewal': {
      status: 401,
      path: '/sessions/renewal',
      body: { session_id: '0198c2a4-7e1b-7c3d-8e4f-5a6b7c8d9e0f', renewal_secret: `0.${'A'.repeat(43)}` },
    },
    'GET /sessions': { status: 200, path: '/sessions' },
    'DELETE /sessions/{id}': { status: 404, path: '/sessions/0198c2a4-7e1b-7c3d-8e4f-5a6b7c8d9e0f' },
    'POST /command-authorities': {
      status: 201,
      path: '/command-authorities',
      body: { type: 'com.microbank.deposit.requested', source: '/test', id: '1', data: { account_id: 1, amount: 1 } },
    },
    'GET /.well-known/ended-sessions.json': { status: 200, path: '/.well-known/ended-sessions.json' },
    'GET /.well-known/jwks.json': { status: 200, path: '/.well-known/jwks.json' },
    'DELETE /web-sessions/current': { status: 204, path: '/web-sessions/current' },
    'DELETE /sessions': { status: 204, path: '/sessions' },
  },
  relay: {},
};

/** What else they take: questions, events, ticks; an event is answered without a word. */
const events: Record<string, { body: object; status: number }[]> = {
  'read-users': [{ body: asking(payeeQuestion, { email: credentials.email }), status: 200 }],
  'dead-letter': [
    {
      body: {
        ...eventOf('com.microbank.account.opened', {}),
        source: '/microbank/open-account',
        knativeerrordest: 'http://notify/',
      },
      status: 204,
    },
  ],
  relay: [
    { body: eventOf('dev.knative.sources.ping', {}), status: 204 },
    { body: asking(relayStatus, {}), status: 200 },
  ],
};

const contracts = (await Promise.all((await functionNames()).map(loadFunction))).map(({ contract }) => contract);
const narrow = contracts.filter(({ databaseRole = 'writer' }) => databaseRole !== 'writer');
// Dead letters first: operations has then one to redrive.
const alone = narrow
  .flatMap((contract) => contract.databases.map((database) => ({ name: contract.name, contract, database })))
  .sort((a, b) => Number(b.name === 'dead-letter') - Number(a.name === 'dead-letter'));

test('the tables above have every route and event of every function that is no writer', () => {
  expect(Object.keys(requests).sort()).toEqual(narrow.map(({ name }) => name).sort());
  for (const { name, routes, consumes, answers } of narrow) {
    expect(Object.keys(requests[name] ?? {}).sort(), name).toEqual(Object.keys(routes).sort());
    expect(events[name] !== undefined, name).toBe(consumes !== undefined || answers !== undefined);
  }
});

test.each(alone)('$name answers all that it promises of $database', async ({ name, contract, database }) => {
  const fn = await startAlone(contract, database);
  for (const [route, { status, path, body, headers = {}, as }] of Object.entries(requests[name] ?? {})) {
    const ended = AbortSignal.timeout(10_000);
    const auth = { authorization: `Bearer ${contract.name === 'operations' || as === 'teller' ? teller : token}` };
    const response = await fetch(`${fn.url}${path ?? ''}`, {
      method: route.split(' ')[0] ?? '',
      headers: { ...auth, ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: ended,
    });
    expect(response.status, `${route}: ${fn.lines.at(-1)}`).toBe(status);
    if (status === 200) expect(await firstOf(response), route).not.toMatch(/^(\[\])?$/);
  }
  for (const { body, status } of events[name] ?? []) {
    const headers = { 'content-type': 'application/cloudevents+json' };
    const answer = await fn.deliver('POST', '/', { headers, body });
    expect(answer.status, `${JSON.stringify(answer.body)} ${fn.lines.at(-1)}`).toBe(status);
  }
  expect((await fn.request('GET', '/metrics')).status).toBe(200);
  expect(fn.lines.filter((line) => /permission denied|"code":"42501"/.test(line))).toEqual([]);
});

/** A stream does not end by itself. */
async function firstOf({ body }: Response): Promise<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return first?.value ?? '';
}

async function startAlone(
  { name, databaseRole = 'writer' }: Contract,
  database: DatabaseName,
): ReturnType<typeof startFunctionProcess> {
  const env = {
    DATABASE_URL: addressAs(databases[database], database, databaseRole),
    ...(name === 'relay' && { DATABASE: database, BROKER_URL: `${bank.origin}/dead-letter/` }),
    FUNCTION_URL: `${bank.origin}/{function}`,
    ...(name === 'sign-in' && { SIGNING_KEY: JSON.stringify(issuer.signingKey) }),
  };
  const fn = await startFunctionProcess(name, env, { issuer });
  onTestFinished(() => fn.kill('SIGKILL').then(() => undefined));
  return fn;
}

function eventOf(type: string, data: object): object {
  return { specversion: '1.0', id: '1', source: '/test', type, datacontenttype: 'application/json', data };
}

function asking({ requested }: Question, data: object): object {
  return eventOf(requested, data);
}
