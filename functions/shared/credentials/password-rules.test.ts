import { describe, expect, test } from 'vitest';
import { checkPassword } from './password-rules.ts';

const alice = { name: 'Alice Johnson', email: 'alice.johnson@example.com' };

test.each([
  'four unrelated words do',
  'all in lower case',
  'ünïcödé ist auch gut',
  '🐴🔋📎✅🐴🔋📎✅🦆🪿🐧🦆🦜🐧🐸',
  '8f3Kq!zR-Lw29pXc',
  'alice johnson likes rain', // NIST compares whole passwords, not their parts.
])('takes %j', (password) => {
  expect(() => checkPassword(password, alice)).not.toThrow();
});

describe('refuses', () => {
  test.each([
    ['too short', '8f3Kq!zR-Lw29p'],
    ['14 characters in 28 code units', '🐴🔋📎✅🐴🔋📎✅🦆🪿🐧🦆🦜🐧'],
    ['the email address', 'Alice.Johnson@Example.com'],
    ['the name, twice', 'AliceJohnson Alice Johnson'],
    ['one letter', 'aaaaaaaaaaaaaaaa'],
    ['a repeated word', 'PasswordPassword'],
    ['a repeated word with dashes', 'secret-secret-secret'],
    ['digits in a row', '123456789012345'],
    ['digits backwards', '987654321098765'],
    ['letters in a row', 'abcdefghijklmnop'],
    ['keys in a row', 'qwertyuiopasdfgh'],
    ['a well-known password', '1q2w3e4r5t6y7u8i'],
  ])('%s', (_, password) => {
    expect(() => checkPassword(password, alice)).toThrow(
      expect.objectContaining({
        code: 'password_too_weak',
        status: 422,
        errors: [expect.objectContaining({ pointer: '/password' })],
      }),
    );
  });
});

describe('says the true reason', () => {
  test.each([
    ['               ', alice, 'hardly more than spaces'],
    ['\u00a0\u2003 \t \u00a0\u2003 \t \u00a0\u2003 \t ', alice, 'hardly more than spaces'],
    ['...---...---...', alice, 'hardly more than spaces'],
    ['a              ', alice, 'hardly more than spaces'],
    ['a             b', alice, 'hardly more than spaces'],
    ['A...............', { name: 'A', email: 'a@example.com' }, 'the name or the email address'],
    ['               ', { name: '-', email: '_@example.com' }, 'hardly more than spaces'],
    ['Alice   Johnson   ', alice, 'the name or the email address'],
    ['8f3Kq!zR', alice, 'too short'],
    ['abababababababab', alice, 'repeats one short text'],
    ['1 2 3 4 5 6 7 8', alice, 'a row of neighbouring keys'],
    ['passw0rdpassw0rd1', alice, 'widely known'],
  ])('of %j for %j', (password, person, reason) => {
    expect(() => checkPassword(password, person)).toThrow(reason);
  });

  test('where nobody has shown who they are, of what needs no person', () => {
    expect(() => checkPassword('Alice   Johnson   ', undefined)).not.toThrow();
    expect(() => checkPassword('aaaaaaaaaaaaaaaa', undefined, '/new_password')).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/new_password' })] }),
    );
  });
});

test('never repeats the password in what it says', () => {
  expect(() => checkPassword('PasswordPassword', alice)).toThrow(/^(?!.*PasswordPassword)/);
});
