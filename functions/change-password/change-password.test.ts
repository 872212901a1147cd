// Another password, as its owner sees it, and what is over with the old one.
import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  newPassword,
  password,
  startPeople,
  type Body,
  type Customer,
  type People,
} from '../shared/credentials/testing/people.ts';
import { wrongPasswordsMax } from '../shared/credentials/confirm-password.ts';

let people: People;
beforeAll(async () => {
  people = await startPeople(['change-password', 'remove-user']);
});

const change = ({ id, token }: Pick<Customer, 'id' | 'token'>, current: string, next = newPassword) =>
  people.post(`/users/${id}/password`, { current_password: current, new_password: next }, token);

test('the new password signs in and the old one no longer; all other sessions end, the present one goes on', async () => {
  const alice = await people.givenCustomer();
  const [phone, tablet] = [await people.givenSession(alice), await people.givenSession(alice)];
  const bob = await people.givenCustomer();

  expect(await change(alice, password)).toMatchObject({ status: 204, body: undefined });
  expect(await people.signIn(alice.email, newPassword)).toBe('201');
  expect(await people.signIn(alice.email, password)).toBe('invalid_credentials');
  const states = await Promise.all([alice, phone, tablet, bob].map(({ sessionId }) => people.sessionState(sessionId)));
  expect(states).toEqual(['open', 'password_changed', 'password_changed', 'open']);
  expect(await people.audited(`users/${alice.id}`)).toEqual([
    { act: 'password.changed', actor_id: alice.id, actor_role: 'customer', details: { ended_sessions: 2 } },
    // Signing in with the old password.
    { act: 'session.refused', actor_id: null, actor_role: 'anonymous', details: {} },
  ]);
});

// The kind: an answer is lost, the same is sent again, and what is told then is not so. Siblings: reset-password, passkeys.
test('sent again under its key, the change is told as done, once, and not as a wrong password', async () => {
  const alice = await people.givenCustomer();
  const again = (body: object, key = 'k 1', id = alice.id) =>
    people.bank.request<Body>('POST', `/users/${id}/password`, {
      token: alice.token,
      body,
      headers: { 'idempotency-key': key },
    });
  const asked = { current_password: password, new_password: newPassword };
  const [first, second] = await Promise.all([again(asked), again(asked)]);
  expect([first.status, second.status]).toEqual([204, 204]);
  const third = await again(asked);
  expect([third.status, third.headers.get('idempotency-replayed')]).toEqual([204, 'true']);
  expect((await people.audited(`users/${alice.id}`)).map(({ act }) => act)).toEqual(['password.changed']);
  expect(await people.signIn(alice.email, newPassword)).toBe('201');

  const other = await again({ ...asked, new_password: 'six more words are better still' });
  expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  expect(await again(asked, 'another')).toMatchObject({ status: 422, body: { code: 'wrong_password' } });
  // What was refused is no outcome that is kept: under the same key it is looked at anew.
  expect(await again({ ...asked, current_password: newPassword, new_password: password }, 'another')).toMatchObject({
    status: 204,
  });
  expect(await people.keptTexts()).not.toMatch(/unrelated|five other/);
});

test('a key is no use to anybody else', async () => {
  const [alice, bob] = [await people.givenCustomer(), await people.givenCustomer()];
  const ask = ({ id, token }: Customer, current_password: string) =>
    people.bank.request<Body>('POST', `/users/${id}/password`, {
      token,
      body: { current_password, new_password: newPassword },
      headers: { 'idempotency-key': 'shared' },
    });
  expect((await ask(alice, password)).status).toBe(204);
  expect(await ask(bob, 'not this one at all')).toMatchObject({ status: 422, body: { code: 'wrong_password' } });
  expect(await people.signIn(bob.email, password)).toBe('201');
});

test('voids a reset code that was made for the old one', async () => {
  const alice = await people.givenCustomer();
  await people.owner.query(
    `INSERT INTO password_reset (user_id, code_hash, remove_passkeys, expires_at)
     VALUES ($1, '$argon2id$x', false, now() + interval '15 minutes')`,
    [alice.id],
  );
  expect((await change(alice, password)).status).toBe(204);
  expect((await people.owner.query('SELECT 1 FROM password_reset WHERE user_id = $1', [alice.id])).rowCount).toBe(0);
});

test.each([
  ['too short', 'fifteen chars-', 'validation_failed'],
  ['fifteen spaces', ' '.repeat(15), 'password_too_weak'],
  ['the own name', 'Some Body Some Body', 'password_too_weak'],
  ['widely known', 'passwordpassword1', 'password_too_weak'],
])('refuses a new password that is %s, and names its field', async (_what, weak, code) => {
  const alice = await people.givenCustomer({ name: 'Some Body' });
  const refused = await change(alice, password, weak);
  expect(refused).toMatchObject({ status: 422, body: { code, errors: [{ pointer: '/new_password' }] } });
  expect(refused.body.detail).not.toContain(weak);
  expect(await people.signIn(alice.email, password)).toBe('201');
});

test('is nobody else’s to do: neither a customer’s nor a teller’s', async () => {
  const alice = await people.givenCustomer();
  const bob = await people.givenCustomer();
  for (const token of [bob.token, people.teller]) {
    const refused = await change({ id: alice.id, token }, password);
    expect(refused).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
  }
  expect(
    (await people.post(`/users/${alice.id}/password`, { current_password: 'x', new_password: newPassword })).status,
  ).toBe(401);
  expect(await people.signIn(alice.email, password)).toBe('201');
});

describe('a wrong own password', () => {
  test('is said to be one, and the fifth ends the session, and that session only', async () => {
    const alice = await people.givenCustomer();
    const other = await people.givenSession(alice);
    for (let i = 1; i < wrongPasswordsMax; i++) {
      const refused = await change(alice, 'not the password');
      expect(refused).toMatchObject({
        status: 422,
        body: { code: 'wrong_password', errors: [{ pointer: '/current_password' }] },
      });
    }
    expect(await change(alice, 'not the password')).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    expect(await people.sessionState(alice.sessionId)).toBe('wrong_passwords');
    // Whatever the token still says, and though it is the right one now.
    expect(await change(alice, password)).toMatchObject({ status: 401 });
    expect(await people.audited(`users/${alice.id}`)).toMatchObject([
      { act: 'session.ended', actor_id: alice.id, details: { reason: 'wrong_passwords' } },
    ]);
    expect(await people.signIn(alice.email, password)).toBe('201');
    expect((await change({ ...alice, ...other }, password)).status).toBe(204);
  });

  test('is forgotten at the right one', async () => {
    const alice = await people.givenCustomer();
    for (let round = 0; round < 3; round++) {
      for (let i = 1; i < wrongPasswordsMax; i++) expect((await change(alice, 'not it')).status).toBe(422);
      // Right, though what is asked for with it is refused.
      expect((await change(alice, password, 'passwordpassword1')).body.code).toBe('password_too_weak');
    }
    expect(await people.sessionState(alice.sessionId)).toBe('open');
  });

  test('is one of five, however many come at once', async () => {
    const alice = await people.givenCustomer();
    const answers = await Promise.all(Array.from({ length: 25 }, () => change(alice, 'not the password')));
    const codes = answers.map(({ body }) => body.code);
    expect(codes.filter((code) => code === 'wrong_password').length).toBeLessThan(wrongPasswordsMax);
    const told = ['wrong_password', 'session_ended', 'too_many_attempts'];
    expect(codes.filter((code) => !told.includes(code))).toEqual([]);
    expect(await people.sessionState(alice.sessionId)).toBe('wrong_passwords');
  });
});

test('of many changes at once exactly one is made, and its session is the one that stays', async () => {
  const alice = await people.givenCustomer();
  const sessions = [alice, ...(await Promise.all(Array.from({ length: 5 }, () => people.givenSession(alice))))];
  const answers = await Promise.all(
    sessions.map(({ token }, i) => change({ id: alice.id, token }, password, `five other words are better ${i}`)),
  );
  const made = answers.flatMap(({ status }, i) => (status === 204 ? [i] : []));
  expect(made).toHaveLength(1);
  for (const { status, body } of answers)
    if (status !== 204) expect(['wrong_password', 'session_ended']).toContain(body.code);
  expect(await people.signIn(alice.email, `five other words are better ${made[0]}`)).toBe('201');
  const states = await Promise.all(sessions.map(({ sessionId }) => people.sessionState(sessionId)));
  expect(states.flatMap((state, i) => (state === 'open' ? [i] : []))).toEqual(made);
});

test('a session that has ended changes nothing, at once', async () => {
  const alice = await people.givenCustomer();
  await people.owner.query(`UPDATE session SET ended_at = now(), ended_reason = 'signed_out' WHERE id = $1`, [
    alice.sessionId,
  ]);
  expect(await change(alice, password)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
  expect(await people.signIn(alice.email, password)).toBe('201');
});

test('no password is in a log line, in the trail or in what keys are answered', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => lines.push(line) });
  const logging = await startPeople(['change-password'], { log });
  const alice = await logging.givenCustomer();
  const body = { current_password: password, new_password: newPassword };
  for (const current_password of ['not the password', password]) {
    await logging.bank.request('POST', `/users/${alice.id}/password`, {
      token: alice.token,
      body: { ...body, current_password },
      headers: { 'idempotency-key': 'change-1' },
    });
  }
  expect(await logging.keptTexts()).toContain('password.changed');
  for (const text of [await logging.keptTexts(), ...lines])
    expect(text).not.toMatch(/ words |not the password|argon2id/);
});
