// Passkeys from end to end: a real Chromium makes and uses them, by a virtual authenticator, at a page of a real bank.
import { beforeAll, describe, expect, test } from 'vitest';
import type { CreationOptions, Passkey, RequestOptions } from '../shared/contract/passkey.ts';
import {
  newPassword,
  password,
  startPeople,
  type Customer,
  type People,
} from '../shared/credentials/testing/people.ts';
import { passkeysMax } from './contract.ts';
import { browserOf, type Answered, type Window } from './testing/browser.ts';

const open = browserOf();
let people: People;
let origin: string;
let clock = () => new Date();
beforeAll(async () => {
  const functions = ['passkeys', 'change-password', 'reset-password', 'remove-user', 'close-account', 'read-users'];
  people = await startPeople(functions, { now: () => clock() });
  origin = people.bank.origin.replace('127.0.0.1', 'localhost');
});

const signInByPassword = (window: Window, { email }: { email: string }, secret = password) =>
  window.ask('POST', '/web-sessions', { email, password: secret });
const optionsFor = async (window: Window): Promise<CreationOptions> => {
  const { status, body } = await window.ask('POST', '/passkeys/options', { password });
  expect([status, body.code]).toEqual([200, undefined]);
  return body as unknown as CreationOptions;
};
const keep = async (window: Window, name = 'Phone'): Promise<Answered> =>
  window.ask('POST', '/passkeys', { name, response: await window.make(await optionsFor(window)) });
const passkeyIn = ({ body }: Answered) => body as unknown as Passkey;
const anyOptions = async (window: Window) =>
  (await window.ask('POST', '/web-sessions/passkey-options')).body as unknown as RequestOptions;
const show = async (window: Window, response: object | string) =>
  window.ask('POST', '/web-sessions/passkey', { response });
const signInByPasskey = async (window: Window) => show(window, await window.use(await anyOptions(window)));
const refused = { status: 401, body: { code: 'passkey_refused' } };

/** Somebody with a passkey, in a window that is signed out again. */
async function givenPasskey(more: object = {}): Promise<{ somebody: Customer; window: Window; passkey: Passkey }> {
  const somebody = await people.givenCustomer(more);
  const window = await open(origin);
  expect((await signInByPassword(window, somebody)).status).toBe(201);
  const kept = await keep(window);
  expect(kept.status).toBe(201);
  await window.signOut();
  return { somebody, window, passkey: passkeyIn(kept) };
}

test('a passkey is made, listed, signs in without a password, and is gone when it is removed', async () => {
  const alice = await people.givenCustomer();
  const window = await open(origin);
  await signInByPassword(window, alice);
  const kept = await keep(window);
  expect(kept).toMatchObject({ status: 201, body: { name: 'Phone', site: 'localhost', last_used_at: null } });
  const { id } = passkeyIn(kept);
  await window.signOut();
  expect((await window.ask('GET', '/passkeys')).status).toBe(401);

  expect(await signInByPasskey(window)).toMatchObject({
    status: 201,
    body: { user: { id: alice.id, email: alice.email } },
  });
  expect((await window.ask('GET', `/users/${alice.id}`)).status).toBe(200);
  const [listed] = (await window.ask('GET', '/passkeys')).body as unknown as Passkey[];
  expect(listed).toMatchObject({ id, last_used_at: expect.any(String) as string });

  expect((await window.ask('DELETE', `/passkeys/${id}`)).status).toBe(204);
  expect(await signInByPasskey(window)).toMatchObject(refused);
  expect(await people.audited(`users/${alice.id}`)).toMatchObject([
    { act: 'passkey.added', actor_id: alice.id, details: { passkey_id: id, site: 'localhost' } },
    { act: 'passkey.removed', actor_id: alice.id, details: { passkey_id: id } },
  ]);
});

// The kind: an answer is lost, the same is sent again, and what is told then is not so. Siblings: change-password, reset-password.
test('sent again under its key, a passkey is told as kept, and not as refused', async () => {
  const alice = await people.givenCustomer();
  const window = await open(origin);
  await signInByPassword(window, alice);
  const command = { name: 'Phone', response: await window.make(await optionsFor(window)) };
  const ask = (body: object = command) => window.ask('POST', '/passkeys', body, 'k 1');
  const first = await ask();
  expect(first.status).toBe(201);
  expect(await ask()).toMatchObject({ status: 201, body: first.body });
  expect((await people.audited(`users/${alice.id}`)).map(({ act }) => act)).toEqual(['passkey.added']);

  // Options that were asked for meanwhile stay good.
  const { challenge } = await optionsFor(window);
  expect(await ask()).toMatchObject({ status: 201, body: first.body });
  const { rows } = await people.owner.query<{ challenge: string }>('SELECT challenge FROM passkey_challenge');
  expect(rows.map((row) => row.challenge)).toContain(challenge);

  expect(await ask({ ...command, name: 'Tablet' })).toMatchObject({ body: { code: 'idempotency_key_reused' } });
  expect((await window.ask('DELETE', `/passkeys/${passkeyIn(first).id}`)).status).toBe(204);
  expect(await ask()).toMatchObject({ status: 404, body: { code: 'passkey_not_found' } });
});

test('one authenticator keeps one passkey of a person, and another person may have theirs there', async () => {
  const { window, somebody } = await givenPasskey();
  await signInByPassword(window, somebody);
  expect(await window.make(await optionsFor(window))).toBe('InvalidStateError');
  const bob = await people.givenCustomer();
  await signInByPassword(window, bob);
  expect((await keep(window)).status).toBe(201);
  expect(new Set((await window.credentials()).map(({ userHandle }) => userHandle)).size).toBe(2);
});

describe('making one', () => {
  test('needs the own password, and what it was asked for: one challenge, once, in this session, in time', async () => {
    const alice = await people.givenCustomer();
    const window = await open(origin);
    await signInByPassword(window, alice);
    expect(await window.ask('POST', '/passkeys/options', { password: 'not it' })).toMatchObject({
      status: 422,
      body: { code: 'wrong_password' },
    });
    const response = await window.make(await optionsFor(window));
    const other = await people.givenSession(alice);
    const elsewhere = await people.post('/passkeys', { name: 'Phone', response }, other.token);
    expect(elsewhere).toMatchObject({ status: 422, body: { code: 'passkey_refused' } });

    expect((await window.ask('POST', '/passkeys', { name: 'Phone', response })).status).toBe(201);
    const again = await window.ask('POST', '/passkeys', { name: 'Phone', response });
    expect(again).toMatchObject({ status: 422, body: { code: 'passkey_refused' } });
  });

  test('is refused when it took longer than its challenge lasts', async () => {
    const alice = await people.givenCustomer();
    const window = await open(origin);
    await signInByPassword(window, alice);
    const response = await window.make(await optionsFor(window));
    clock = () => new Date(Date.now() + 5 * 60_000);
    const late = await window.ask('POST', '/passkeys', { name: 'Phone', response });
    clock = () => new Date();
    expect(late).toMatchObject({ status: 422, body: { code: 'passkey_refused' } });
  });

  test('is refused for an answer that anything was changed in', async () => {
    const alice = await people.givenCustomer();
    const window = await open(origin);
    await signInByPassword(window, alice);
    type Made = { response: { clientDataJSON: string; attestationObject: string } };
    const spoilt: Record<string, (made: Made) => void> = {
      'another origin': ({ response }) => changeClientData(response, { origin: 'http://evil.localhost:8080' }),
      'another port': ({ response }) => changeClientData(response, { origin: 'http://localhost:1' }),
      'another type': ({ response }) => changeClientData(response, { type: 'webauthn.get' }),
      'another challenge': ({ response }) => changeClientData(response, { challenge: 'AAAA' }),
      'a frame': ({ response }) => changeClientData(response, { crossOrigin: true }),
      'no JSON': ({ response }) => Object.assign(response, { clientDataJSON: 'AAAA' }),
      'no CBOR': ({ response }) => Object.assign(response, { attestationObject: 'AAAA' }),
      'an attestation that nobody asked for': ({ response }) => {
        const named = Buffer.from(response.attestationObject, 'base64url').toString('latin1');
        const other = named.replace('dnone', 'ctpm').replace('cfmt', 'cfmt');
        Object.assign(response, { attestationObject: Buffer.from(other, 'latin1').toString('base64url') });
      },
    };
    for (const [what, spoil] of Object.entries(spoilt)) {
      const made = (await window.make(await optionsFor(window))) as Made;
      expect([what, made]).toEqual([what, expect.any(Object)]);
      spoil(made);
      await window.forgetCredentials();
      const answer = await window.ask('POST', '/passkeys', { name: 'Phone', response: made });
      expect([what, answer.status, answer.body.code]).toEqual([what, 422, 'passkey_refused']);
    }
    expect((await window.ask('GET', '/passkeys')).body).toEqual([]);
  });

  test('stops at as many as anybody needs', async () => {
    const { window, somebody } = await givenPasskey();
    await people.owner.query(
      `INSERT INTO passkey (user_id, credential_id, user_handle, site, public_key, sign_count, transports, name, synced)
       SELECT user_id, uuid_send(uuidv7()), user_handle, site, public_key, 0, '{}', name, false FROM passkey, generate_series(2, $2)
       WHERE user_id = $1`,
      [somebody.id, passkeysMax],
    );
    await signInByPassword(window, somebody);
    const full = await window.ask('POST', '/passkeys/options', { password });
    expect(full).toMatchObject({ status: 409, body: { code: 'too_many_passkeys' } });
  });
});

describe('signing in with one', () => {
  test('is asked alike of everybody, without a word about who has one', async () => {
    const window = await open(origin);
    const options = await anyOptions(window);
    expect(options).toMatchObject({ allowCredentials: [], userVerification: 'required' });
    expect((await window.ask('POST', '/web-sessions/passkey-options', { email: 'alice@example.com' })).status).toBe(
      422,
    );
  });

  test('takes an answer once, and not from who has only heard it', async () => {
    const { window } = await givenPasskey();
    const response = await window.use(await anyOptions(window));
    const answers = await Promise.all(Array.from({ length: 5 }, () => show(window, response)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 201) expect(answer).toMatchObject(refused);
    expect(await show(await open(origin), response)).toMatchObject(refused);
  });

  test('needs the finger or the PIN: whoever has found the key alone does not get in', async () => {
    const { window } = await givenPasskey();
    await window.setVerified(false);
    expect(await window.use(await anyOptions(window))).toBe('NotAllowedError');
    // As a page would ask that does not mind.
    const response = await window.use({
      ...(await anyOptions(window)),
      userVerification: 'discouraged',
    });
    expect(await show(window, response)).toMatchObject(refused);
  });

  test('takes no challenge but ours, nor for long, nor from another page, nor for another person', async () => {
    const { window, somebody } = await givenPasskey();
    const { window: others } = await givenPasskey();
    type Used = { id: string; response: { clientDataJSON: string; signature: string; userHandle: string } };
    const use = async (options: RequestOptions) => (await window.use(options)) as Used;
    const cases: Record<string, () => Promise<object>> = {
      'a challenge of somebody’s own': async () => use({ ...(await anyOptions(window)), challenge: 'A'.repeat(86) }),
      'another origin': async () => {
        const used = await use(await anyOptions(window));
        changeClientData(used.response, { origin: 'http://microbank.localhost' });
        return used;
      },
      'a signature of another': async () => {
        const [mine, theirs] = [
          await use(await anyOptions(window)),
          (await others.use(await anyOptions(others))) as Used,
        ];
        return { ...mine, response: { ...mine.response, signature: theirs.response.signature } };
      },
      'the name of another': async () => {
        const [mine, theirs] = [
          await use(await anyOptions(window)),
          (await others.use(await anyOptions(others))) as Used,
        ];
        return { ...mine, response: { ...mine.response, userHandle: theirs.response.userHandle } };
      },
      'nobody’s name': async () => {
        const { response, ...used } = await use(await anyOptions(window));
        return { ...used, response: { ...response, userHandle: undefined } };
      },
    };
    for (const [what, make] of Object.entries(cases)) {
      const answer = await show(window, await make());
      expect([what, answer.status, answer.body.code]).toEqual([what, 401, 'passkey_refused']);
    }
    const late = await window.use(await anyOptions(window));
    clock = () => new Date(Date.now() + 5 * 60_000);
    expect(await show(window, late)).toMatchObject(refused);
    clock = () => new Date();
    expect((await signInByPasskey(window)).status).toBe(201);
    // Of those that were signed by their key, or said so.
    const acts = (await people.audited(`users/${somebody.id}`)).map(({ act }) => act);
    expect(acts).toEqual(['passkey.added', 'session.refused', 'session.refused']);
  });

  test('notices a copy of the key by what it has counted', async () => {
    const { window } = await givenPasskey();
    const copy = await open(origin);
    for (const credential of await window.credentials()) await copy.addCredential({ ...credential, signCount: 100 });
    expect((await signInByPasskey(copy)).status).toBe(201);
    // The original has counted less by now, so nobody knows which is which.
    expect(await signInByPasskey(window)).toMatchObject(refused);
  });

  test('ends with who leaves the bank', async () => {
    const { window, somebody } = await givenPasskey();
    expect((await people.bank.request('DELETE', `/users/${somebody.id}`, { token: people.teller })).status).toBe(204);
    expect(await signInByPasskey(window)).toMatchObject(refused);
    expect((await people.owner.query('SELECT 1 FROM passkey WHERE user_id = $1', [somebody.id])).rowCount).toBe(0);
  });
});

describe('a teller who has a passkey', () => {
  const passkeyNeeded = { status: 401, body: { code: 'passkey_required' } };
  const optionsIn = ({ body }: Answered) => body['passkey_options'] as RequestOptions;

  test('needs it besides the password, and the two sign in', async () => {
    const { window, somebody: teller } = await givenPasskey({ role: 'teller' });
    const asked = await signInByPassword(window, teller);
    expect(asked).toMatchObject(passkeyNeeded);
    expect((await window.ask('GET', '/web-sessions/current')).body).toMatchObject({ session: null });
    // The password was one factor already, so the key alone is enough now.
    await window.setVerified(false);
    const signedIn = await show(window, await window.use(optionsIn(asked)));
    expect(signedIn).toMatchObject({ status: 201, body: { user: { id: teller.id, role: 'teller' } } });

    const api = await people.post('/sessions', { email: teller.email, password });
    expect([api.status, api.body.code, 'passkey_options' in api.body]).toEqual([401, 'passkey_required', false]);
    expect((await signInByPassword(window, teller, 'not the password')).body.code).toBe('invalid_credentials');
  });

  test('signs in with it alone, opened by their finger', async () => {
    const { window } = await givenPasskey({ role: 'teller' });
    expect((await signInByPasskey(window)).status).toBe(201);
  });

  test('does not get in with the passkey of another, nor with a challenge from before the password was changed', async () => {
    const [one, two] = [await givenPasskey({ role: 'teller' }), await givenPasskey({ role: 'teller' })];
    const asked = optionsIn(await signInByPassword(one.window, one.somebody));
    const byOther = await two.window.use({ ...asked, allowCredentials: [] });
    expect(await show(two.window, byOther)).toMatchObject(refused);

    const { token } = await people.givenSession(one.somebody);
    const body = { current_password: password, new_password: newPassword };
    expect((await people.post(`/users/${one.somebody.id}/password`, body, token)).status).toBe(204);
    expect(await show(one.window, await one.window.use(asked))).toMatchObject(refused);
    expect(await signInByPassword(one.window, one.somebody, newPassword)).toMatchObject(passkeyNeeded);
  });

  test('is let in by the password again when another teller has removed a lost one', async () => {
    const { window, somebody: teller, passkey } = await givenPasskey({ role: 'teller' });
    const list = await people.bank.request<Passkey[]>('GET', `/passkeys?user_id=${teller.id}`, {
      token: people.teller,
    });
    expect(list.body.map(({ id }) => id)).toEqual([passkey.id]);
    expect((await people.bank.request('DELETE', `/passkeys/${passkey.id}`, { token: people.teller })).status).toBe(204);
    expect((await signInByPassword(window, teller)).status).toBe(201);
  });
});

test('a customer’s passkey is another way in: the password alone still is one', async () => {
  const { window, somebody } = await givenPasskey();
  expect((await signInByPassword(window, somebody)).status).toBe(201);
});

test('nobody sees or removes the passkeys of others, but tellers', async () => {
  const { somebody, passkey } = await givenPasskey();
  const mallory = await people.givenCustomer();
  const ask = (method: string, path: string, token: string) => people.bank.request(method, path, { token });
  expect((await ask('GET', `/passkeys?user_id=${somebody.id}`, mallory.token)).status).toBe(404);
  expect((await ask('DELETE', `/passkeys/${passkey.id}`, mallory.token)).status).toBe(404);
  expect((await ask('GET', '/passkeys', mallory.token)).body).toEqual([]);
  // A token of before its owner ceased to be a teller.
  const dismissed = await people.bank.tokenFor({ userId: mallory.id, role: 'teller' });
  expect((await ask('DELETE', `/passkeys/${passkey.id}`, dismissed)).status).toBe(403);
});

function changeClientData(response: { clientDataJSON: string }, change: object): void {
  const data = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString()) as object;
  response.clientDataJSON = Buffer.from(JSON.stringify({ ...data, ...change })).toString('base64url');
}
