// The bank answers the examples of its own document as the document says, one after the other on a new bank.
import { beforeAll, expect, test } from 'vitest';
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
const last = ['DELETE /notifications/{id}', 'DELETE /accounts/{id}', 'DELETE /users/{id}'];

test('the bank answers the examples as the document says, one after the other', async () => {
  let alice: string | undefined;
  const rank = ({ key }: Operation) => (story.includes(key) ? story.indexOf(key) : 50 + last.indexOf(key));
  for (const operation of operations.toSorted((a, b) => rank(a) - rank(b))) {
    const { key } = operation;
    if (answersOf(operation)['text/event-stream']) continue;
    await prepare(key, alice);
    const access = bank.routes.get(key)?.access;
    const token = access === 'teller' ? bank.teller.token : access === 'anyone' ? undefined : alice;
    const seen = await replay(operation, token);
    expect([key, seen.told, ...flawsOf(operation, seen)]).toEqual([key, String(statusOf(operation))]);
    if (key === 'POST /sessions') alice = (seen.body as { access_token: string }).access_token;
  }
});

test('refusals are problems as the document describes them', async () => {
  const isProblem = compile(document, document.components.schemas['Problem']);
  for (const operation of operations) {
    expect(operation.responses['default']).toEqual({ $ref: '#/components/responses/Problem' });
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
  if (key === 'POST /operations/dead-letters/{id}/redrive') {
    await bank.admin.notifications.query(
      `INSERT INTO dead_letter (source, event_id, type, event, destination, received_at, last_received_at, redriven_at)
       VALUES ('/test', 'e-1', 't', '{}', 'http://notify.microbank.svc.cluster.local/', now(), now(), now())`,
    );
  }
  if (key === 'DELETE /accounts/{id}') {
    const { balance } = (await bank.request<{ balance: number }>('GET', '/accounts/1', { token: alice })).body;
    await bank.request('POST', '/withdrawals', { token: alice, body: { account_id: 1, amount: balance } });
  }
}

function replay({ method, path, parameters, requestBody }: Operation, token: string | undefined): Promise<Seen> {
  const given = parameters.filter(({ example }) => example !== undefined);
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
  const body = requestBody && ` ${JSON.stringify(requestBody.content['application/json'].example)}`;
  const headers = Object.fromEntries(
    given
      .filter((parameter) => parameter.in === 'header')
      .map(({ name, example }): [string, string] => [name, String(example)]),
  );
  const line = `${method} ${filled}${query !== '' ? `?${query}` : ''}${body ?? ''}`;
  return send(`${bank.origin}/api`, line, { token, headers });
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
