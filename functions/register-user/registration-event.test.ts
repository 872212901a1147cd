import { beforeAll, expect, test } from 'vitest';
import { givenIssuer, startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

const type = 'com.microbank.user.registration.requested';
const attributes = { specversion: '1.0', type, source: '/tests' };
let copies: TestBank[];
let teller: string;

beforeAll(async () => {
  const databases = await givenDatabases();
  const issuer = await givenIssuer();
  const functions = ['register-user'];
  copies = [await startBank({ databases, issuer, functions }), await startBank({ databases, issuer, functions })];
  teller = await copies[0]!.tellerToken();
});

test.each(['binary', 'structured'])(
  '%s in and out: the very event that the outbox has, also the second time',
  async (mode) => {
    const data = { name: 'Eve Event', email: `eve.${mode}@example.com` };
    const id = `registration-${mode}`;
    const parts =
      mode === 'binary'
        ? { body: data, headers: { 'ce-specversion': '1.0', 'ce-type': type, 'ce-source': '/tests', 'ce-id': id } }
        : { body: { ...attributes, id, data }, headers: { 'content-type': 'application/cloudevents+json' } };
    const send = (copy: number) =>
      copies[copy]!.deliver<{ id: string; data: unknown }>('POST', '/register-user/', { token: teller, ...parts });

    const first = await send(0);
    const second = await send(1);
    expect(first.status).toBe(200);
    expect(second.body).toEqual(first.body);

    const recorded = await copies[0]!.environment.users.db.selectFrom('outbox').select(['id', 'data']).execute();
    const eventId = mode === 'binary' ? first.headers.get('ce-id') : first.body.id;
    const event = recorded.find((row) => row.id === eventId);
    expect(event?.data).toMatchObject({ email: data.email, role: 'customer' });
    expect(mode === 'binary' ? first.body : first.body.data).toEqual(event?.data);
    expect(recorded.filter((row) => (row.data as { email: string }).email === data.email)).toHaveLength(1);
  },
);

test('a refused event is not forgotten: the dispatcher tries again, then dead-letters it', async () => {
  const person = { name: 'Eve', email: 'taken@example.com' };
  await copies[0]!.request('POST', '/users', { token: teller, body: person });
  const answer = await copies[0]!.deliver('POST', '/register-user/', {
    token: teller,
    headers: { 'content-type': 'application/cloudevents+json' },
    body: { ...attributes, id: 'refused', data: person },
  });
  expect(answer).toMatchObject({ status: 500, body: { code: 'email_taken' } });
});

test('an event that says nothing usable is not taken for done', async () => {
  const answer = await copies[0]!.deliver('POST', '/register-user/', {
    token: teller,
    headers: { 'content-type': 'application/cloudevents+json' },
    body: { ...attributes, id: 'poison', data: { name: 7 } },
  });
  expect(answer.status).toBe(500);
});
