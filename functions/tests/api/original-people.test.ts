// People as the original registered them: with an extension behind their phone number, and at e-mail domains in any script.
import { beforeAll, expect, test } from 'vitest';
import { emailKey } from '../../shared/contract/email-key.ts';
import { startBank, type TestBank } from '../../shared/testing/harness.ts';
import { givenDatabases } from '../../shared/testing/postgres.ts';

type Person = { id: number; email: string; phone: string; code: string };

let bank: TestBank;
let token: string;
beforeAll(async () => {
  bank = await startBank({ databases: await givenDatabases(), functions: ['register-user', 'sign-in', 'read-users'] });
  token = await bank.tellerToken();
});

const register = (body: object) => bank.request<Person>('POST', '/users', { token, body });

test.each(['555-1234 x12', '(555) 123-4567 ext. 890', '5551234567x1', '555-123-4567'])(
  'registers somebody whose phone is %s',
  async (phone) => {
    const email = `${phone.replaceAll(/\D/g, '')}@example.com`;
    expect((await register({ name: 'Alice Johnson', email, phone })).body.phone).toBe(phone);
  },
);

test('an address at a domain in another script is one with its A-labels: registered once, found and signed in by both', async () => {
  const person = { name: 'Zoë Bücher', password: 'four unrelated words do' };
  const { status, body } = await register({ ...person, email: 'Zoe@Bücher.example' });
  expect([status, body.email]).toEqual([201, 'Zoe@xn--bcher-kva.example']);
  expect((await register({ ...person, email: 'zoe@xn--bcher-kva.example' })).body.code).toBe('email_taken');
  for (const email of ['zoe@bücher.example', 'ZOE@BÜCHER.example', 'zoe@xn--bcher-kva.example']) {
    const credentials = { email, password: person.password };
    expect((await bank.request('POST', '/sessions', { body: credentials })).status).toBe(201);
    const found = await bank.request<Person[]>('GET', `/users?email=${encodeURIComponent(email)}`, { token });
    expect(found.body.map(({ id }) => id)).toEqual([body.id]);
  }
});

test.each(['a@bücher.example/x', 'a@bücher.example:80', 'a@bü cher.example', 'a@@bücher.example', 'a@ü'])(
  '%s is no address',
  async (email) => {
    expect(await register({ name: 'Alice Johnson', email })).toMatchObject({ status: 422 });
  },
);

test('what is no domain is no other address than it was', () => {
  expect(emailKey('A@bücher.example/x')).toBe('a@bücher.example/x');
  expect(emailKey('Zoë')).toBe('zoë');
});
