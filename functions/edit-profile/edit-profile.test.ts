// The own name, address and number, as their owner changes them, and as others hear of it.
import { beforeAll, describe, expect, test } from 'vitest';
import { takenLimit } from './taken-limit.ts';
import { password, startPeople, type Customer, type People } from '../shared/credentials/testing/people.ts';

let people: People;
beforeAll(async () => {
  people = await startPeople(['edit-profile', 'read-users', 'reset-password']);
});

const edit = ({ id, token }: Pick<Customer, 'id' | 'token'>, fields: object) =>
  people.post(`/users/${id}/profile`, { password, ...fields }, token);
const shown = ({ id, role, registered_at, ...rest }: Customer, fields: object) => ({
  id,
  role,
  registered_at,
  phone: rest.phone,
  ...fields,
});
const eventsOf = async (id: number) =>
  (
    await people.owner.query<{ type: string; sequence: string; data: object }>(
      `SELECT type, sequence, data FROM outbox WHERE subject = $1 AND type LIKE '%changed' ORDER BY sequence`,
      [`users/${id}`],
    )
  ).rows;

test('changes what is given, leaves the rest, and tells it once', async () => {
  const alice = await people.givenCustomer({ phone: '123 456' });
  const fields = { name: 'Alice King', email: 'Alice.King@example.com' };
  const changed = await edit(alice, fields);
  expect([changed.status, changed.body]).toEqual([200, shown(alice, fields)]);
  expect((await edit(alice, fields)).body).toEqual(changed.body);
  expect((await edit(alice, { phone: null })).body).toEqual(shown(alice, { ...fields, phone: null }));

  expect((await people.bank.request('GET', `/users/${alice.id}`, { token: alice.token })).body).toMatchObject(fields);
  expect(await people.signIn('alice.king@example.com', password)).toBe('201');
  expect(await people.signIn(alice.email, password)).toBe('invalid_credentials');
  const data = { user_id: alice.id, ...fields };
  expect(await eventsOf(alice.id)).toMatchObject([
    { type: 'com.microbank.user.changed', sequence: '2', data: { ...data, phone: '123 456' } },
    { type: 'com.microbank.user.changed', sequence: '3', data: { ...data, phone: null } },
  ]);
  expect(await people.audited(`users/${alice.id}`)).toEqual([
    { act: 'profile.changed', actor_id: alice.id, actor_role: 'customer', details: { changed: ['name', 'email'] } },
    { act: 'profile.changed', actor_id: alice.id, actor_role: 'customer', details: { changed: ['phone'] } },
  ]);
});

test('an address keeps its owner when only its capitals change, and gives it to nobody else', async () => {
  const [alice, bob] = [await people.givenCustomer(), await people.givenCustomer()];
  expect(await edit(alice, { email: alice.email.toUpperCase() })).toMatchObject({ status: 200 });
  const refused = await edit(bob, { email: alice.email });
  expect(refused).toMatchObject({ status: 409, body: { code: 'email_taken', errors: [{ pointer: '/email' }] } });
  expect(await eventsOf(bob.id)).toEqual([]);
  expect(await people.audited(`users/${bob.id}`)).toEqual([]);
});

test('of many who want one address at once exactly one gets it', async () => {
  const wanting = await Promise.all(Array.from({ length: 8 }, () => people.givenCustomer()));
  const answers = await Promise.all(wanting.map((one) => edit(one, { email: 'wanted@example.com' })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 409)]);
});

test('who asks for addresses of others is told of a few, and then seldom; the own one is always free', async () => {
  const [alice, bob] = [await people.givenCustomer(), await people.givenCustomer()];
  const told: string[] = [];
  // The first are a little forgotten by the time of the last.
  for (let i = 0; i < takenLimit.free + 2; i++) told.push((await edit(bob, { email: alice.email })).body.code);
  expect(new Set(told.slice(0, takenLimit.free))).toEqual(new Set(['email_taken']));
  expect(told.at(-1)).toBe('too_many_attempts');
  expect((await edit(bob, { email: bob.email.toUpperCase(), phone: '123 456' })).status).toBe(200);
  expect((await edit(alice, { email: 'free@example.com' })).status).toBe(200);
});

test('changes of one person at once all have their effect, each told with a number of its own', async () => {
  const alice = await people.givenCustomer();
  const answers = await Promise.all([1, 2, 3, 4].map((i) => edit(alice, { name: `Alice ${i}` })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await eventsOf(alice.id)).map(({ sequence }) => sequence)).toEqual(['2', '3', '4', '5']);
});

test('more passwords at once than may be wrong are asked to come again, and end nothing', async () => {
  const alice = await people.givenCustomer();
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => edit(alice, { name: `Alice ${i}` })));
  const told = answers.map(({ status, headers }) => `${status} ${headers.get('retry-after') ?? ''}`);
  expect(new Set(told)).toEqual(new Set(['200 ', '429 1']));
  expect(await people.sessionState(alice.sessionId)).toBe('open');
  expect((await edit(alice, { name: 'Alice' })).status).toBe(200);
});

describe('needs', () => {
  test('the own password, of which five wrong ones end the session', async () => {
    const alice = await people.givenCustomer();
    const wrong = { name: 'Mallory', password: 'not the password' };
    for (let i = 1; i < 5; i++) {
      const refused = await edit(alice, wrong);
      expect(refused).toMatchObject({
        status: 422,
        body: { code: 'wrong_password', errors: [{ pointer: '/password' }] },
      });
    }
    expect(await edit(alice, wrong)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    expect(await edit(alice, { name: 'Alice' })).toMatchObject({ status: 401 });
    expect(await eventsOf(alice.id)).toEqual([]);
  });

  test('to be about oneself: not even a teller changes it for somebody', async () => {
    const [alice, bob] = [await people.givenCustomer(), await people.givenCustomer()];
    for (const token of [bob.token, people.teller])
      expect(await edit({ id: alice.id, token }, { name: 'Mallory' })).toMatchObject({ status: 404 });
    expect((await people.post(`/users/${alice.id}/profile`, { name: 'Mallory', password })).status).toBe(401);
  });

  test.each([
    [{ name: '' }, '/name'],
    [{ name: 'a\u0007b' }, '/name'],
    [{ name: null }, '/name'],
    [{ email: 'no address' }, '/email'],
    [{ email: null }, '/email'],
    [{ phone: 'none' }, '/phone'],
    [{ role: 'teller' }, '/role'],
    [{ password_hash: 'x' }, '/password_hash'],
  ])('what fits: %j does not', async (fields, pointer) => {
    const alice = await people.givenCustomer();
    expect(await edit(alice, fields)).toMatchObject({
      status: 422,
      body: { code: 'validation_failed', errors: [{ pointer }] },
    });
  });
});
