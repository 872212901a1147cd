import { beforeAll, describe, expect, test } from 'vitest';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

let bank: TestBank;
beforeAll(async () => {
  bank = await startBank({ databases: await givenDatabases(), functions: ['register-user'] });
});

let people = 0;
function somebody(more: object = {}) {
  return { name: 'Some Body', email: `somebody${++people}@example.com`, password: 'four unrelated words do', ...more };
}
function register(body: unknown) {
  return bank.request('POST', '/users', { body });
}
async function countUsers(): Promise<number> {
  return (await bank.environment.users.db.selectFrom('bank_user').select('id').execute()).length;
}

describe('names what is wrong with', () => {
  const long = 'x'.repeat(300);
  test.each<[string, object, string]>([
    ['an empty name', { name: '' }, '/name'],
    ['a name of spaces', { name: '   ' }, '/name'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, '/name'],
    ['a name with a line break', { name: 'Alice\nBob' }, '/name'],
    ['a name with a NUL', { name: 'Alice\u0000' }, '/name'],
    ['a name with half a character', { name: 'Alice \ud83d' }, '/name'],
    ['a name that turns the text around', { name: 'Alice \u202Eecila' }, '/name'],
    ['a name that is a number', { name: 7 }, '/name'],
    ['no name', { name: undefined }, '/name'],
    ['no email', { email: undefined }, '/email'],
    ['an email without @', { email: 'alice' }, '/email'],
    ['an email with a space', { email: 'a b@example.com' }, '/email'],
    ['an email of 255 characters', { email: `${'x'.repeat(243)}@example.com` }, '/email'],
    ['two emails', { email: ['a@example.com', 'b@example.com'] }, '/email'],
    ['a phone with an extension alone', { phone: 'x12' }, '/phone'],
    ['a phone that is too long with its extension', { phone: `${'1'.repeat(28)} x1234` }, '/phone'],
    ['an address whose domain is none in any script', { email: 'a@bü cher.example' }, '/email'],
    ['an address with a path in another script', { email: 'a@bücher.example/x' }, '/email'],
    ['a phone with letters', { phone: '0800-BANK' }, '/phone'],
    ['a long phone', { phone: '1'.repeat(33) }, '/phone'],
    ['a phone that is a number', { phone: 1234567890 }, '/phone'],
    ['a short password', { password: 'short' }, '/password'],
    ['a password of 129 characters', { password: long.slice(0, 129) }, '/password'],
    ['a password that is null', { password: null }, '/password'],
    ['an unknown role', { role: 'admin' }, '/role'],
    ['a field that is not for the caller to say', { id: 1 }, '/id'],
    ['an unknown field', { is_admin: true }, '/is_admin'],
  ])('%s', async (_, wrong, pointer) => {
    const before = await countUsers();
    const { status, headers, body } = await register(somebody(wrong));
    expect(status).toBe(422);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({ code: 'validation_failed', errors: [{ pointer }] });
    expect(await countUsers()).toBe(before);
  });

  test.each([
    ['the email', { email: 'a.very.long.name@example.com', password: 'A.Very.Long.Name@example.com' }],
    ['a repeated word', { password: 'passwordpassword' }],
    ['a row of digits', { password: '1234567890123456' }],
  ])('a password that is %s', async (_, wrong) => {
    const { status, body } = await register(somebody(wrong));
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'password_too_weak', errors: [{ pointer: '/password' }] });
    expect(JSON.stringify(body).toLowerCase()).not.toContain(wrong.password.toLowerCase());
  });
});
