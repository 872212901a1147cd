// A new password by a code: what the teller sees, what its owner sees, and what anybody else can learn or spoil.
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
import type { Answer } from '../shared/testing/harness.ts';
import type { ResetCode } from './contract.ts';
import { codeMinutes } from './issue-code.ts';
import { resetLimit } from './reset-limits.ts';
import { triesMax } from './use-code.ts';

const functions = ['reset-password', 'remove-user', 'close-account'];
let people: People;
let clock = new Date();
beforeAll(async () => {
  people = await startPeople(functions, { now: () => clock });
});

const issue = async ({ id }: { id: number }, body: object = {}, token = people.teller) => {
  const issued = await people.post(`/users/${id}/password-reset`, body, token);
  return issued as unknown as Answer<ResetCode & { code: string }>;
};
const codeFor = async (user: { id: number }, body: object = {}): Promise<string> => {
  const { status, body: issued } = await issue(user, body);
  expect(status).toBe(201);
  return issued.code;
};
let networks = 0;
/** Each from a network of its own, so that tests don't use up each other's. */
const use = (
  email: string,
  code: string,
  new_password = newPassword,
  address = `10.0.${networks++ >> 8}.${networks & 255}`,
) =>
  people.bank.request<Body>('POST', '/password-resets', {
    body: { email, code, new_password },
    headers: { 'x-forwarded-for': address },
  });
const wrongCode = '0000-0000-0000';
const neutral = {
  status: 422,
  body: { code: 'reset_refused', errors: [{ pointer: '/code' }] },
};

// The kind: an answer is lost, the same is sent again, and what is told then is not so. Siblings: change-password, passkeys.
test('sent again under its key, the new password is told as set, and not as refused', async () => {
  const [alice, bob] = [await people.givenCustomer(), await people.givenCustomer()];
  const code = await codeFor(alice);
  const ask = (email: string, more: object = {}) =>
    people.bank.request<Body>('POST', '/password-resets', {
      body: { email, code, new_password: newPassword, ...more },
      headers: { 'x-forwarded-for': '10.9.8.7', 'idempotency-key': 'k 1' },
    });
  const [first, second] = await Promise.all([ask(alice.email), ask(alice.email)]);
  expect([first.status, second.status]).toEqual([204, 204]);
  const third = await ask(alice.email);
  expect([third.status, third.headers.get('idempotency-replayed')]).toEqual([204, 'true']);
  expect((await people.audited(`users/${alice.id}`)).map(({ act }) => act)).toEqual([
    'password_reset.issued',
    'password_reset.used',
  ]);

  // The same key of somebody else is another one; what was refused is looked at anew.
  expect(await ask(bob.email)).toMatchObject(neutral);
  expect(await ask(bob.email, { code: await codeFor(bob) })).toMatchObject({ status: 204 });
  expect(await ask(alice.email, { code: wrongCode })).toMatchObject({ body: { code: 'idempotency_key_reused' } });
  expect(await people.keptTexts()).not.toContain(code);
});

test('the code sets the password, once, and ends all sessions; until then everything stays as it was', async () => {
  const alice = await people.givenCustomer();
  const phone = await people.givenSession(alice);
  const issued = await issue(alice);
  expect(issued).toMatchObject({
    status: 201,
    body: {
      code: expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/) as string,
      expires_at: new Date(clock.getTime() + codeMinutes * 60_000).toISOString(),
    },
  });
  expect(issued.headers.get('cache-control')).toBe('no-store');
  expect(await people.signIn(alice.email, password)).toBe('201');
  expect(await people.sessionState(phone.sessionId)).toBe('open');

  // As somebody types it.
  const typed = issued.body.code.toLowerCase().replaceAll('-', ' ');
  expect(await use(alice.email.toUpperCase(), typed)).toMatchObject({ status: 204, body: undefined });
  expect(await people.signIn(alice.email, newPassword)).toBe('201');
  expect(await people.signIn(alice.email, password)).toBe('invalid_credentials');
  for (const { sessionId } of [alice, phone]) expect(await people.sessionState(sessionId)).toBe('password_reset');
  expect(await use(alice.email, issued.body.code, 'six other words are better still')).toMatchObject(neutral);

  expect(await people.audited(`users/${alice.id}`)).toMatchObject([
    { act: 'password_reset.issued', actor_id: 900, actor_role: 'teller', details: { remove_passkeys: false } },
    { act: 'password_reset.used', actor_id: null, actor_role: 'anonymous', details: { removed_passkeys: [] } },
    // Signing in with the old password.
    { act: 'session.refused', actor_role: 'anonymous' },
  ]);
});

test('gives a first password to somebody whom a teller registered without one', async () => {
  const alice = await people.givenCustomer({ password: undefined });
  expect((await use(alice.email, await codeFor(alice))).status).toBe(204);
  expect(await people.signIn(alice.email, newPassword)).toBe('201');
});

test('a code is void when there is a newer one, and when its time is over', async () => {
  const alice = await people.givenCustomer();
  const [old, newer] = [await codeFor(alice), await codeFor(alice)];
  expect(await use(alice.email, old)).toMatchObject(neutral);
  clock = new Date(clock.getTime() + codeMinutes * 60_000);
  expect(await use(alice.email, newer)).toMatchObject(neutral);
  expect(await people.signIn(alice.email, password)).toBe('201');
});

test('of many who use one code at once exactly one chooses the password', async () => {
  const alice = await people.givenCustomer();
  const code = await codeFor(alice);
  const passwords = Array.from({ length: triesMax }, (_, i) => `five other words are better ${i}`);
  const answers = await Promise.all(passwords.map((secret) => use(alice.email, code, secret)));
  const done = answers.flatMap(({ status }, i) => (status === 204 ? [i] : []));
  expect(done).toHaveLength(1);
  for (const answer of answers) if (answer.status !== 204) expect(answer).toMatchObject(neutral);
  expect(await people.signIn(alice.email, passwords[done[0]!]!)).toBe('201');
});

describe('guessing', () => {
  test('has five tries for each code, however many come at once, and then not even the right one helps', async () => {
    const alice = await people.givenCustomer();
    const code = await codeFor(alice);
    const guesses = await Promise.all(Array.from({ length: triesMax }, () => use(alice.email, wrongCode)));
    for (const guess of guesses) expect(guess).toMatchObject(neutral);
    expect(await use(alice.email, code)).toMatchObject(neutral);
    expect(await people.audited(`users/${alice.id}`)).toMatchObject([
      { act: 'password_reset.issued' },
      { act: 'password_reset.refused', actor_id: null, details: { tries: triesMax } },
    ]);
    expect(await people.signIn(alice.email, password)).toBe('201');
    expect((await use(alice.email, await codeFor(alice))).status).toBe(204);
  });

  test('is answered alike for a wrong code, no code, an address of nobody and one who has left', async () => {
    const [alice, bob, carol] = [
      await people.givenCustomer(),
      await people.givenCustomer(),
      await people.givenCustomer(),
    ];
    await codeFor(alice);
    await codeFor(carol);
    expect((await people.bank.request('DELETE', `/users/${carol.id}`, { token: people.teller })).status).toBe(204);
    const answers = await Promise.all(
      [alice.email, bob.email, carol.email, 'nobody@example.com'].map((email) => use(email, wrongCode)),
    );
    const told = answers.map(({ status, body }) => ({ status, ...body, trace_id: undefined }));
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  test('a weak password uses up no try', async () => {
    const alice = await people.givenCustomer({ name: 'Some Body' });
    const code = await codeFor(alice);
    for (let i = 0; i <= triesMax; i++) {
      for (const weak of ['aaaaaaaaaaaaaaaa', 'Some Body Some Body']) {
        expect(await use(alice.email, code, weak)).toMatchObject({
          status: 422,
          body: { code: 'password_too_weak', errors: [{ pointer: '/new_password' }] },
        });
      }
    }
    expect((await use(alice.email, code)).status).toBe(204);
  });

  test('learns nothing of somebody’s name from what passwords are refused', async () => {
    const alice = await people.givenCustomer({ name: 'Ermintrude Brown' });
    await codeFor(alice);
    expect(await use(alice.email, wrongCode, 'Ermintrude Brown')).toMatchObject(neutral);
  });
});

test('a network that tries codes waits, and no other does', async () => {
  const alice = await people.givenCustomer();
  const code = await codeFor(alice);
  const tries = Array.from({ length: resetLimit.free + 5 }, (_, i) =>
    use(`nobody${i}@example.com`, wrongCode, newPassword, '192.0.2.1'),
  );
  const told = (await Promise.all(tries)).map(({ status, headers }) => `${status} ${headers.has('retry-after')}`);
  expect(new Set(told)).toEqual(new Set(['422 false', '429 true']));
  // The first are a little forgotten by the time of the last.
  const tried = told.filter((one) => one.startsWith('422')).length - resetLimit.free;
  expect([0, 1, 2]).toContain(tried);
  expect((await use(alice.email, code, newPassword, '192.0.2.2')).status).toBe(204);
});

describe('a code is made', () => {
  test('by tellers only, and not for themselves', async () => {
    const [alice, bob] = [await people.givenCustomer(), await people.givenCustomer()];
    expect(await issue(alice, {}, alice.token)).toMatchObject({ status: 403 });
    expect(await issue(alice, {}, bob.token)).toMatchObject({ status: 403 });
    expect(await issue({ id: 900 })).toMatchObject({ status: 422, body: { code: 'own_password' } });
    expect(await issue({ id: 999_999 })).toMatchObject({ status: 404, body: { code: 'user_not_found' } });
  });

  test('by nobody whose session has ended, or who is a teller no more, whatever their token says', async () => {
    const alice = await people.givenCustomer();
    const dismissed = await people.givenCustomer();
    const token = await people.bank.tokenFor({ userId: dismissed.id, role: 'teller' });
    expect(await issue(alice, {}, token)).toMatchObject({ status: 403 });
    const { token: ended, sessionId } = await people.givenSession({ id: 900, role: 'teller' });
    await people.owner.query(`UPDATE session SET ended_at = now(), ended_reason = 'signed_out' WHERE id = $1`, [
      sessionId,
    ]);
    expect(await issue(alice, {}, ended)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    expect((await people.owner.query('SELECT 1 FROM password_reset WHERE user_id = $1', [alice.id])).rowCount).toBe(0);
  });

  test('for two tellers by each other at once without a deadlock', async () => {
    const tellers = await Promise.all([1, 2].map(() => people.givenCustomer({ role: 'teller' })));
    const [one, two] = tellers as [Customer, Customer];
    const pairs = Array.from({ length: 10 }, () => [issue(one, {}, two.token), issue(two, {}, one.token)]).flat();
    expect(new Set((await Promise.all(pairs)).map(({ status }) => status))).toEqual(new Set([201]));
  });
});

test('takes the passkeys along when the teller says so, and leaves them otherwise', async () => {
  for (const remove_passkeys of [true, false]) {
    const alice = await people.givenCustomer();
    const { rows } = await people.owner.query<{ id: string }>(
      `INSERT INTO passkey (user_id, credential_id, user_handle, site, public_key, sign_count, transports, name, synced)
       VALUES ($1, uuid_send(uuidv7()), decode(repeat('00', 32), 'hex'), 'localhost', 'x', 0, '{}', 'Phone', false) RETURNING id`,
      [alice.id],
    );
    expect((await use(alice.email, await codeFor(alice, { remove_passkeys }))).status).toBe(204);
    const left = await people.owner.query('SELECT 1 FROM passkey WHERE user_id = $1', [alice.id]);
    expect(left.rowCount).toBe(remove_passkeys ? 0 : 1);
    const [, used] = await people.audited(`users/${alice.id}`);
    expect(used?.details).toMatchObject({ removed_passkeys: remove_passkeys ? [rows[0]!.id] : [] });
  }
});

test('neither codes nor passwords are in a log line, in the trail, in events or in what keys are answered', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line) => lines.push(line) });
  const logging = await startPeople(functions, { log });
  const alice = await logging.givenCustomer();
  const keyed = { 'idempotency-key': 'reset-1' };
  const ask = () =>
    logging.bank.request<ResetCode>('POST', `/users/${alice.id}/password-reset`, {
      token: logging.teller,
      body: {},
      headers: keyed,
    });
  const [{ body: first }, { body: second }] = [await ask(), await ask()];
  expect(second.code).not.toBe(first.code);
  const body = { email: alice.email, code: second.code, new_password: newPassword };
  for (const code of [first.code, second.code])
    await logging.bank.request('POST', '/password-resets', { body: { ...body, code }, headers: keyed });
  expect(await logging.keptTexts()).toContain('password_reset.used');
  for (const text of [await logging.keptTexts(), ...lines]) {
    for (const secret of [first.code, second.code, second.code.replaceAll('-', ''), newPassword, 'argon2id'])
      expect(text).not.toContain(secret);
  }
  const { rows } = await logging.owner.query<{ kept: string }>('SELECT r::text AS kept FROM password_reset r');
  for (const { kept } of rows) expect(kept).not.toContain(second.code);
});
