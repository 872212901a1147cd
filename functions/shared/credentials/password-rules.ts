// Which passwords are too weak to protect money. Follows NIST SP 800-63B-4 (August 2025), 3.1.1.2.
import { Refusal } from '../contract/errors.ts';

/** In code points: what NIST asks of a password that is the only factor. No composition rules, by the same paragraph. */
const pointsMin = 15;

/** Of a password's characters that are no separators: with fewer, what is left is no pattern either, and no rule below says the true reason. */
const tellingMin = 4;

/**
 * Refuses passwords that are too short, well known, a pattern, or the person's own name or address; who they are for is left out as long as
 * they have not shown who they are. `pointer` is the field of the password.
 */
export function checkPassword(
  password: string,
  person: { name: string; email: string } | undefined,
  pointer = '/password',
): void {
  const why = findWeakness(password, person);
  if (why === undefined) return;
  const detail = `${why}; choose ${pointsMin} characters or more that others would not guess, e.g. four unrelated words`;
  throw new Refusal('password_too_weak', 422, detail, { errors: [{ pointer, detail }] });
}

function findWeakness(password: string, person: { name: string; email: string } | undefined): string | undefined {
  if (Array.from(password).length < pointsMin) return 'the password is too short';

  // NIST has the whole password compared, not its parts; case and separators do not make another password of a known one.
  const plain = flatten(password);
  const own = person ? [person.email, person.email.split('@')[0] ?? '', person.name].map(flatten) : [];
  if (plain !== '' && own.some((text) => text !== '' && isRepeated(plain, text)))
    return 'the password is the name or the email address';
  if (Array.from(plain).length < tellingMin) return 'the password is hardly more than spaces, dots, dashes or the like';
  if (wellKnown.has(plain)) return 'the password is widely known';
  if (/^(.{1,8}?)\1+$/u.test(plain)) return 'the password repeats one short text';
  if (runs.some((run) => run.includes(plain))) return 'the password is a row of neighbouring keys, letters or digits';
  return undefined;
}

function flatten(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s._@+-]/g, '');
}

function isRepeated(password: string, text: string): boolean {
  return password.split(text).every((rest) => rest === '');
}

// Rows that people type, forwards and backwards, long enough for any password that continues them.
const runs = [
  '1234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
]
  .map((row) => row.repeat(Math.ceil(256 / row.length)))
  .flatMap((row) => [row, row.split('').reverse().join('')]);

// From published lists of leaked passwords: those of 15 characters or more that no rule above finds, and what suits a bank.
const wellKnown = new Set([
  'passwordpassword1',
  'password123456789',
  'passw0rdpassw0rd1',
  '123456789password',
  'letmeinletmein123',
  'iloveyou123456789',
  'qwerty12345678901',
  'qwerty1234567890',
  'qwertyuiop123456',
  'qwertyuiop1234567890',
  '1q2w3e4r5t6y7u8i',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  'administrator123',
  'changemechangeme1',
  'welcometothebank',
  'microbankpassword',
  'mybankpassword123',
  'thisismypassword',
  'thisisapassword',
  'averylongpassword',
]);
