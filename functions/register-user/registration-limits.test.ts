// What strangers are let do, over two copies of the function.
import { beforeAll, expect, test } from 'vitest';
import { givenIssuer, startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { registrationLimit, takenLimit } from './registration-limits.ts';

const password = 'four unrelated words do';
let copies: TestBank[];
let teller: string;
let clock = new Date();

beforeAll(async () => {
  const [databases, issuer] = [await givenDatabases(), await givenIssuer()];
  const copy = () => startBank({ databases, issuer, functions: ['register-user'], now: () => clock });
  copies = [await copy(), await copy()];
  teller = await copies[0]!.tellerToken();
});

let people = 0;
function somebody(more: object = {}) {
  return { name: 'Some Body', email: `somebody${++people}@example.com`, password, ...more };
}
function register(body: object, from: string, token?: string, key?: string) {
  return copies[people % 2]!.request<{ code?: string }>('POST', '/users', {
    token,
    body,
    headers: { 'x-forwarded-for': from, ...(key !== undefined && { 'idempotency-key': key }) },
  });
}
async function codesOf(times: number, ask: () => ReturnType<typeof register>): Promise<string[]> {
  const codes: string[] = [];
  for (let i = 0; i < times; i++) codes.push((await ask()).body.code ?? 'registered');
  return codes;
}
const countOf = (codes: (string | undefined)[], code: string): number => codes.filter((one) => one === code).length;

test('a network is told ten times that an address is taken, whatever it asks, and then when to come back', async () => {
  const taken = somebody();
  await register(taken, '198.51.100.1');
  const codes = await codesOf(12, () => register({ ...somebody(), email: taken.email }, '198.51.100.2'));
  expect(countOf(codes, 'email_taken')).toBe(takenLimit.free);
  const refused = await register(somebody(), '198.51.100.2');
  expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
  expect(refused.headers.get('retry-after')).toBe('60');
  expect(refused.headers.get('ratelimit')).toBe('"registration-taken";r=0;t=60');
  expect(await register(somebody(), '198.51.100.3')).toMatchObject({ status: 201 });
});

test('many at once are told no more', async () => {
  const taken = somebody();
  await register(taken, '198.51.100.1');
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => register({ ...somebody(), email: taken.email }, '198.51.100.4')),
  );
  expect(
    countOf(
      answers.map(({ body }) => body.code),
      'email_taken',
    ),
  ).toBe(takenLimit.free);
});

test('a network registers twenty people, then one each ten minutes', async () => {
  const from = '198.51.100.5';
  const codes = await codesOf(22, () => register(somebody(), from));
  expect(countOf(codes, 'registered')).toBe(registrationLimit.free);
  clock = new Date(clock.getTime() + 1_200_000);
  expect(countOf(await codesOf(4, () => register(somebody(), from)), 'registered')).toBe(2);
});

test('passwords that are too weak count for nothing', async () => {
  const from = '198.51.100.6';
  const weak = () => register(somebody({ password: 'passwordpassword' }), from);
  expect(countOf(await codesOf(25, weak), 'password_too_weak')).toBe(25);
  expect(await register(somebody(), from)).toMatchObject({ status: 201 });
});

test('a teller is not counted', async () => {
  const codes = await codesOf(25, () => register(somebody({ password: undefined }), '198.51.100.2', teller));
  expect(countOf(codes, 'registered')).toBe(25);
});

test('a registration that is sent again because its answer was lost is counted once', async () => {
  const [from, person] = ['198.51.100.7', somebody()];
  for (let i = 0; i < 5; i++) expect(await register(person, from, undefined, 'again')).toMatchObject({ status: 201 });
  const codes = await codesOf(registrationLimit.free, () => register(somebody(), from));
  expect(countOf(codes, 'registered')).toBe(registrationLimit.free - 1);
});
