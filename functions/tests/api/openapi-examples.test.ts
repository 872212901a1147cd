// The bank answers the examples of its own document as the document says, one after the other on a new bank.
import { beforeAll, expect, test } from 'vitest';
import { contract as passkeys } from '../../passkeys/contract.ts';
import { contract as resetPassword } from '../../reset-password/contract.ts';
import { hashPassword } from '../../shared/access/password-hash.ts';
import type { Session } from '../../sign-in/contract.ts';
import { ownPageHeader } from '../../shared/contract/headers.ts';
import { createOpenApi } from '../../shared/describe/openapi.ts';
import { compile, errorsOf } from './testing/json-schema.ts';
import {
  answersOf,
  openApiDocument,
  operationsOf,
  statusOf,
  type OpenApiDocument,
  type Operation,
} from './testing/openapi-document.ts';
import { send, type Seen } from './testing/send.ts';
import { startWholeBank, type WholeBank } from './testing/whole-bank.ts';

let bank: WholeBank;
let document: OpenApiDocument;
let operations: Operation[];
beforeAll(async () => {
  bank = await startWholeBank();
  document = openApiDocument.parse(createOpenApi(bank.contracts));
  operations = operationsOf(document);
});

/** First what the others need: Alice, her account, her money. */
const story = [
  'POST /users',
  'POST /sessions',
  'POST /accounts',
  'POST /deposits',
  'POST /withdrawals',
  'POST /transfers',
  'POST /transactions',
];
const last = [
  'DELETE /notifications/{id}',
  'DELETE /accounts/{id}',
  'DELETE /sessions/{id}',
  'DELETE /sessions',
  'POST /users/{id}/password',
  'POST /password-resets',
  'DELETE /users/{id}',
];
/** Only an authenticator can answer what it was asked: functions/passkeys/passkeys.test.ts. */
const withoutExample = ['POST /passkeys', 'POST /web-sessions/passkey'];

test('the bank answers the examples as the document says, one after the other', async () => {
  let alice: string | undefined;
  const rank = ({ key }: Operation) => (story.includes(key) ? story.indexOf(key) : 50 + last.indexOf(key));
  for (const operation of operations.toSorted((a, b) => rank(a) - rank(b))) {
    const { key } = operation;
    if (answersOf(operation)['text/event-stream'] || withoutExample.includes(key)) continue;
    await prepare(key, alice);
    const access = bank.routes.get(key)?.access;
    const token = access === 'teller' ? bank.teller.token : access === 'anyone' ? undefined : alice;
    const seen = await replay(operation, token, await realised(key));
    expect([key, seen.told, ...flawsOf(operation, seen)]).toEqual([key, String(statusOf(operation))]);
    if (key === 'POST /sessions') alice = (seen.body as { access_token: string }).access_token;
  }
});

test('refusals are problems as the document describes them', async () => {
  const isProblem = compile(document, document.components.schemas['Problem']);
  for (const operation of operations) {
    const refused = [
      await replay(operation, 'nonsense'),
      await send(`${bank.origin}/api`, `${operation.method} ${operation.path}?surprise=1`, {
        token: bank.teller.token,
      }),
    ];
    for (const { status, headers, body } of refused) {
      expect([operation.key, status >= 400, headers.get('content-type')]).toEqual([
        operation.key,
        true,
        'application/problem+json',
      ]);
      expect([operation.key, Object.keys(operation.responses)]).toEqual([
        operation.key,
        expect.arrayContaining([String(status)]),
      ]);
      expect(errorsOf(isProblem, body)).toEqual([]);
    }
  }
});

/** What has to be there, or gone, before an example can come true. */
async function prepare(key: string, alice: string | undefined): Promise<void> {
  if (key === 'POST /transfers') await bank.givenAccount(await bank.givenPerson('Bob'));
  if (key.endsWith(' /notifications/{id}') || key === 'GET /notifications') {
    const first = () => bank.request('GET', '/notifications/1', { token: bank.teller.token });
    if (key !== last[0]) await expect.poll(async () => (await first()).status).toBe(200);
  }
  if (key.startsWith('POST /operations/dead-letters/{id}/')) {
    // One and the same letter: redriven already, or still there to be discarded.
    await bank.admin.notifications.query(
      `INSERT INTO dead_letter (source, event_id, type, event, destination, received_at, last_received_at, redriven_at, verified)
       VALUES ('/test', 'e-1', 't', '{}', 'http://notify.microbank.svc.cluster.local/', now(), now(), $1, true)
       ON CONFLICT (md5(source), md5(event_id), md5(destination), verified)
         DO UPDATE SET redriven_at = excluded.redriven_at, discarded_at = NULL, discarded_reason = NULL`,
      [key.endsWith('/redrive') ? new Date() : null],
    );
  }
  if (key === 'DELETE /passkeys/{id}') {
    await bank.admin.users.query(
      `INSERT INTO passkey (id, user_id, credential_id, user_handle, site, public_key, sign_count, transports, name, synced)
       VALUES ($1, 2, 'x', decode(repeat('00', 32), 'hex'), 'localhost', 'x', 0, '{}', 'Phone', false)`,
      [passkeys.routes['DELETE /passkeys/{id}'].example.command.id],
    );
  }
  if (key === 'POST /password-resets') {
    const { code } = resetPassword.routes[key].example.command;
    await bank.admin.users.query(
      `INSERT INTO password_reset (user_id, code_hash, remove_passkeys, expires_at) VALUES (2, $1, false, now() + interval '1 hour')
       ON CONFLICT (user_id) DO UPDATE SET code_hash = $1`,
      [await hashPassword(code.replaceAll('-', ''))],
    );
  }
  if (key === 'DELETE /accounts/{id}') {
    const { balance } = (await bank.request<{ balance: number }>('GET', '/accounts/1', { token: alice })).body;
    await bank.request('POST', '/withdrawals', { token: alice, body: { account_id: 1, amount: balance } });
  }
}

type Real = { id?: string; body?: object; headers?: Record<string, string>; token?: string };

/** What no example can have, because it is known only once there is a session: its id, its secrets, a token of its own. */
async function realised(key: string): Promise<Real> {
  const credentials = { email: 'alice@example.com', password: 'four unrelated words do' };
  const begin = () => bank.request<Session>('POST', '/sessions', { body: credentials });
  switch (key) {
    case 'POST /sessions/renewal': {
      const { session_id, renewal_secret } = (await begin()).body;
      return { body: { session_id, renewal_secret } };
    }
    case 'POST /web-sessions/current/renewal': {
      const ownPage = { [ownPageHeader.name]: ownPageHeader.value };
      const { headers } = await bank.request('POST', '/web-sessions', { body: credentials, headers: ownPage });
      return {
        headers: {
          cookie: headers
            .getSetCookie()
            .map((cookie) => cookie.split(';')[0])
            .join('; '),
        },
      };
    }
    // Her first session has ended by then.
    case 'POST /users/{id}/password':
    case 'DELETE /users/{id}':
      return { token: await bank.tokenFor({ userId: 2 }) };
    case 'DELETE /sessions/{id}':
      return { id: (await begin()).body.session_id };
    case 'POST /users/{id}/role':
      return { id: String((await bank.givenPerson('Riser')).id) };
    case 'DELETE /sessions':
      return { token: (await bank.givenPerson('Leaver')).token };
    default:
      return {};
  }
}

function replay(
  { method, path, parameters, requestBody }: Operation,
  wanted: string | undefined,
  { id, body: realBody, headers: moreHeaders, token = wanted }: Real = {},
): Promise<Seen> {
  const given = parameters
    .filter(({ example }) => example !== undefined)
    .map((parameter) => (parameter.name === 'id' && id !== undefined ? { ...parameter, example: id } : parameter));
  const filled = given.reduce(
    (text, { in: place, name, example }) => (place === 'path' ? text.replace(`{${name}}`, String(example)) : text),
    path,
  );
  const query = String(
    new URLSearchParams(
      given
        .filter((parameter) => parameter.in === 'query')
        .map(({ name, example }): [string, string] => [name, String(example)]),
    ),
  );
  const body = requestBody && ` ${JSON.stringify(realBody ?? requestBody.content['application/json'].example)}`;
  const headers = Object.fromEntries(
    given
      .filter((parameter) => parameter.in === 'header')
      .map(({ name, example }): [string, string] => [name, String(example)]),
  );
  const line = `${method} ${filled}${query !== '' ? `?${query}` : ''}${body ?? ''}`;
  return send(`${bank.origin}/api`, line, { token, headers: { ...headers, ...moreHeaders } });
}

/** How an answer differs from what the operation promises. */
function flawsOf(operation: Operation, { headers, body }: Seen): string[] {
  const promised = operation.responses[statusOf(operation)] as { headers?: Record<string, unknown> };
  const media = answersOf(operation)['application/json'];
  const missing = ['Location', 'ETag'].filter(
    (name) => promised.headers && name in promised.headers && !headers.has(name),
  );
  if (!media) return body === undefined ? missing : [...missing, 'has a body'];
  return [...missing, ...errorsOf(compile(document, media.schema), body)];
}
