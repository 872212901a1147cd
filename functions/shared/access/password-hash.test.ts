import { expect, test } from 'vitest';
import { Unavailable } from '../contract/errors.ts';
import { hashPassword, isOutdated, verifyPassword } from './password-hash.ts';

// From the test suite of the reference implementation (phc-winner-argon2, src/test.c).
const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

test('agrees with the reference implementation of Argon2id', async () => {
  expect(await verifyPassword('password', reference)).toBe(true);
  expect(await verifyPassword('Password', reference)).toBe(false);
});

test('hashes one password differently each time, and verifies each', async () => {
  const [one, two] = await Promise.all([hashPassword('four unrelated words'), hashPassword('four unrelated words')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword('four unrelated words', one)).toBe(true);
  expect(await verifyPassword('four unrelated words ', two)).toBe(false);
});

test('takes the same text in another Unicode encoding for the same password', async () => {
  const composed = 'caf\u00e9 caf\u00e9 caf\u00e9 caf\u00e9';
  expect(await verifyPassword(composed.normalize('NFD'), await hashPassword(composed))).toBe(true);
});

test('says no when there is no hash, after the work of a real check', async () => {
  const hash = await hashPassword('four unrelated words');
  const timed = async (phc: string | null): Promise<number> => {
    const start = performance.now();
    expect(await verifyPassword('some other words', phc)).toBe(false);
    return performance.now() - start;
  };
  const fastest = async (phc: string | null): Promise<number> =>
    Math.min(await timed(phc), await timed(phc), await timed(phc), await timed(phc), await timed(phc));
  // Half is far from the noise of a shared machine, and far from skipping the work.
  expect(await fastest(null)).toBeGreaterThan((await fastest(hash)) / 2);
});

test('finds hashes of other costs outdated', async () => {
  expect(isOutdated(reference)).toBe(true);
  expect(isOutdated(await hashPassword('four unrelated words'))).toBe(false);
});

test('turns callers away when too many passwords wait already, and recovers', async () => {
  const cheap = { memoryKiB: 8, passes: 1, lanes: 1 };
  const results = await Promise.allSettled(
    Array.from({ length: 110 }, () => hashPassword('four unrelated words', undefined, cheap)),
  );
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(7);
  expect(refused.every(({ reason }) => reason instanceof Unavailable)).toBe(true);
  expect(await verifyPassword('four unrelated words', await hashPassword('four unrelated words'))).toBe(true);
});
