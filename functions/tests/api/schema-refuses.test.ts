// What a body or a parameter is refused for, its schema in openapi.json tells: both say the same of each value.
import { expect, test } from 'vitest';
import type * as z from 'zod';
import { readContracts } from '../../../eventing/contracts/contract-files.ts';
import type { Route } from '../../shared/contract/function.ts';
import { createOpenApi } from '../../shared/describe/openapi.ts';
import { compile } from './testing/json-schema.ts';
import { openApiDocument, operationsOf } from './testing/openapi-document.ts';

const contracts = await readContracts();
const routes = new Map(contracts.flatMap(({ routes }) => Object.entries<Route>(routes)));
const document = openApiDocument.parse(createOpenApi(contracts));
const operations = new Map(operationsOf(document).map((operation) => [operation.key, operation]));

const deposit = { account_id: 1, amount: 1 };
const transfer = { ...deposit, type: 'transfer' };
const password = 'four unrelated words do';

test.each<[operation: string, body: object, fits: boolean]>([
  // Needed because of another field's value.
  ['POST /transactions', transfer, false],
  ['POST /transactions', { ...transfer, target_account_id: null }, false],
  ['POST /transactions', { ...transfer, target_account_id: 2 }, true],
  ['POST /transactions', { ...transfer, target_account_id: '2' }, true],
  ['POST /transactions', { ...deposit, type: 'deposit' }, true],
  ['POST /transactions', { ...deposit, type: 'withdraw', target_account_id: null }, true],
  // Years, where the field may be left out.
  ['POST /deposits', { ...deposit, effective_at: '1969-12-31T23:59:59Z' }, false],
  ['POST /deposits', { ...deposit, effective_at: '1970-01-01T00:00:00+05:00' }, true],
  ['POST /deposits', { ...deposit, effective_at: '8999-12-31T23:59:59-05:00' }, true],
  ['POST /deposits', { ...deposit, effective_at: '9000-01-01T00:00:00Z' }, false],
  ['POST /deposits', { ...deposit, effective_at: '2026-11-23T00:00:00+14:01' }, false],
  // Text that the database cannot keep, and everything else that a password may hold.
  ['POST /sessions', { email: 'alice@example.com', password: `${password}\u0000` }, false],
  ['POST /sessions', { email: 'alice@example.com', password: `${password}\n\u{1f511}` }, true],
  ['POST /users', { name: 'Alice', email: 'alice@example.com', password: `\u0000${password}` }, false],
  ['POST /sessions/renewal', { session_id: '0198c5a0-0000-7000-8000-000000000009', renewal_secret: '\u0000' }, false],
  ['POST /password-resets', { email: 'a@example.com', code: 'K7QX\u0000', new_password: password }, false],
  // Of a field that is optional here and needed elsewhere.
  ['POST /users/{id}/profile', { password, email: 'alice' }, false],
  ['POST /users/{id}/profile', { password, email: 'alice@example.com' }, true],
])('%s %j: %s', (operation, body, fits) => {
  const schema = operations.get(operation)?.requestBody?.content['application/json'].schema;
  expect(compile(document, schema)(body)).toBe(fits);
  expect(routes.get(operation)?.body?.safeParse(body).success).toBe(fits);
});

test.each<[operation: string, name: string, value: string, fits: boolean]>([
  ['GET /transactions', 'from', '1969-12-31T23:59:59Z', false],
  ['GET /transactions', 'from', '1970-01-01T00:00:00+14:00', true],
  ['GET /accounts/{id}', 'as_of', '0238-02-24T00:00:00Z', false],
  ['GET /accounts/days', 'from', '1969-12-31', false],
  ['GET /accounts/days', 'from', '8999-12-31', true],
  ['GET /audit/users', 'to', '9000-01-01T00:00:00Z', false],
])('%s ?%s=%s: %s', (operation, name, value, fits) => {
  const parameter = operations.get(operation)?.parameters.find((one) => one.name === name);
  expect(compile(document, parameter?.schema)(value)).toBe(fits);
  expect(fieldOf(operation, 'query', name)?.safeParse(value).success).toBe(fits);
});

test('an address has at most 64 characters before the @, as its format says', () => {
  const email = fieldOf('POST /users', 'body', 'email');
  expect(email?.safeParse(`${'a'.repeat(64)}@example.com`).success).toBe(true);
  expect(email?.safeParse(`${'a'.repeat(65)}@example.com`).success).toBe(false);
});

function fieldOf(operation: string, part: 'query' | 'body', name: string): z.ZodType | undefined {
  return routes.get(operation)?.[part]?.shape[name] as z.ZodType | undefined;
}
