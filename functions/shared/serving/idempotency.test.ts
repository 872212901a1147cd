// What makes two requests one, and what keeps them apart.
import { expect, test } from 'vitest';
import type { Contract, Route } from '../contract/function.ts';
import { functionNames, loadFunction } from '../process/load-functions.ts';
import { createIdentify, type Asked } from './idempotency.ts';

const identify = createIdentify('a secret of this bank');
const teller = { role: 'teller', userId: 1 } as const;
const nobody = { role: 'anonymous' } as const;
const registration = { name: 'A', email: 'a@example.com', password: 'four unrelated words do' };

function ask(command: unknown, more: Partial<Asked> = {}): Asked {
  return { caller: teller, key: 'k', routeKey: 'POST /users', route: { strangersAre: 'email' }, command, ...more };
}
const fingerprintOf = (...asked: Parameters<typeof ask>): string => identify(ask(...asked)).fingerprint;

test('the order of fields is no difference, nor is a field that is not there', () => {
  const { name, email, password } = registration;
  expect(fingerprintOf({ password, email, phone: undefined, name })).toBe(fingerprintOf(registration));
});

test.each([
  ['a password', { password: 'x' }, { password: 'y' }],
  ['a password that is left out', { password: 'x' }, {}],
  ['an empty password', { password: '' }, {}],
  ['a new password', { new_password: 'x' }, { new_password: 'y' }],
  ['a current password', { current_password: 'x' }, { current_password: 'y' }],
  ['a code', { code: 'x' }, { code: 'y' }],
  ['a renewal secret', { renewal_secret: 'x' }, { renewal_secret: 'y' }],
  ['a password within something', { more: [{ password: 'x' }] }, { more: [{ password: 'y' }] }],
  ['a password that is no text', { password: ['x'] }, { password: ['y'] }],
  ['a password under another name', { password: 'x' }, { new_password: 'x' }],
  ['any other field', { amount: 1 }, { amount: 2 }],
])('another value of %s is another request', (_what, one, other) => {
  expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
});

test('a fingerprint says nothing of a password to whoever does not have the secret', () => {
  const elsewhere = createIdentify('another secret');
  expect(elsewhere(ask(registration)).fingerprint).not.toBe(fingerprintOf(registration));
  // Without a secret in it, it stays what it is: a copy of a deposit is one after the database has a new password.
  expect(elsewhere(ask({ amount: 1 })).fingerprint).toBe(fingerprintOf({ amount: 1 }));
});

test('strangers have keys of their own by the address that they give, which is not to be read in them', () => {
  const scopeOf = (command: unknown, more: Partial<Asked> = {}) =>
    identify(ask(command, { caller: nobody, ...more })).scope;
  const scope = scopeOf(registration);
  expect(scope).not.toBe(scopeOf({ ...registration, email: 'b@example.com' }));
  expect(scope).toBe(scopeOf({ ...registration, email: 'A@Example.com', name: 'B' }));
  expect(scope).toMatch(/^anonymous [0-9a-f]{64}$/);
  expect(scopeOf(registration, { eventSource: '/laptop' })).toBe(`${scope} /laptop`);
  expect(scopeOf(registration, { caller: teller })).toBe('user:1');
  for (const broken of [null, 7, [], {}, { email: 7 }]) expect(scopeOf(broken)).toBe('anonymous');
});

test('every route that anyone may use with a key says what strangers are told apart by', async () => {
  const functions = await Promise.all((await functionNames()).map(loadFunction));
  const routes = functions.flatMap(({ contract }: { contract: Contract }) => Object.entries<Route>(contract.routes));
  const open = routes.filter(([, { access, idempotent }]) => access === 'anyone' && idempotent);
  expect(open.map(([routeKey]) => routeKey)).toContain('POST /users');
  for (const [routeKey, { strangersAre, body }] of open)
    expect(Object.keys(body?.shape ?? {}), routeKey).toContain(strangersAre);
});
