import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { givenIssuer, startBank, type TestBank } from '../shared/testing/harness.ts';
import { createLedgerStub } from '../shared/testing/ledger-stub.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

let copies: TestBank[];
let admin: pg.Pool;
let teller: string;

beforeAll(async () => {
  const databases = await givenDatabases();
  const issuer = await givenIssuer();
  const functions = ['register-user', 'remove-user', 'read-users', createLedgerStub(() => 0)];
  copies = [await startBank({ databases, issuer, functions }), await startBank({ databases, issuer, functions })];
  teller = await copies[0]!.tellerToken();
  admin = new pg.Pool({ connectionString: databases.users.adminUrl, max: 2 });
});
afterAll(() => admin.end());

let people = 0;
async function givenTeller(more: object = {}): Promise<number> {
  const body = { name: 'Tom Teller', email: `teller${++people}@example.com`, role: 'teller', ...more };
  return (await copies[0]!.request<{ id: number }>('POST', '/users', { token: teller, body })).body.id;
}
async function remove(id: number, copy = 0): Promise<unknown[]> {
  const token = await copies[0]!.tokenFor({ userId: id, role: 'teller' });
  const { status, body } = await copies[copy]!.request<{ code: string } | undefined>('DELETE', `/users/${id}`, {
    token,
  });
  return [status, body?.code];
}
async function remainingTellers(): Promise<number[]> {
  const { rows } = await admin.query<{ id: string }>(
    "SELECT id FROM bank_user WHERE role = 'teller' AND removed_at IS NULL AND password_hash IS NOT NULL ORDER BY id",
  );
  return rows.map(({ id }) => Number(id));
}
const password = 'four unrelated words do';

test('the last teller who can sign in stays', async () => {
  const one = await givenTeller({ password });
  await givenTeller(); // Has no password, so nobody could register tellers with this one.
  expect(await remove(one)).toEqual([409, 'last_teller']);

  const two = await givenTeller({ password });
  expect(await remove(one)).toEqual([204, undefined]);
  expect(await remove(two)).toEqual([409, 'last_teller']);
  expect(await remainingTellers()).toEqual([two]);
});

test('one stays also when the last two remove themselves at once', async () => {
  for (let round = 0; round < 5; round++) {
    await givenTeller({ password });
    const [one, two] = await remainingTellers();
    const answers = await Promise.all([remove(one!, 0), remove(two!, 1)]);
    expect(answers.map(([status]) => status).sort()).toEqual([204, 409]);
    expect(await remainingTellers()).toHaveLength(1);
  }
});
