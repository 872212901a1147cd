// What a customer tries, and which tokens are none.
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectNoSecrets, startWorld, type World } from './testing/people.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

const own = '"account_id":<mallory\'s account>,"amount":1,"effective_at":"2026-01-01T00:00:00Z"';
const hers = '"account_id":<account>,"amount":5,"target_account_id":<mallory\'s account>';
const eve = '{"name":"Eve","email":"eve@example.com","password":"four unrelated words do","role":"teller"}';

describe('a customer cannot', () => {
  test.each([
    ["list somebody else's accounts", 'GET /accounts?user_id=<alice>', '404 user_not_found', '/user_id'],
    [
      "add up somebody else's accounts",
      'GET /accounts/days?currency=USD&user_id=<alice>',
      '404 user_not_found',
      '/user_id',
    ],
    ["list somebody else's notifications", 'GET /notifications?user_id=<alice>', '404 user_not_found', '/user_id'],
    [
      "count somebody else's notifications",
      'GET /notifications/unread?user_id=<alice>',
      '404 user_not_found',
      '/user_id',
    ],
    [
      "stream somebody else's notifications",
      'GET /notifications/stream?user_id=<alice>',
      '404 user_not_found',
      '/user_id',
    ],
    ["list somebody else's history", 'GET /transactions?account_id=<account>', '404 account_not_found', '/account_id'],
    ["see somebody else's old balance", 'GET /accounts/<account>?as_of=<now>', '404 account_not_found'],
    [
      "read somebody else's statement as a file",
      'GET /accounts/<account>/statement?format=csv',
      '404 account_not_found',
    ],
    ["tell somebody else's account from none", 'GET /accounts/999999', '404 account_not_found'],
    ["tell somebody else's transaction from none", 'GET /transactions/999999', '404 transaction_not_found'],
    [
      "follow a cursor to somebody else's accounts",
      'GET /accounts?cursor=<forged cursor>',
      '404 user_not_found',
      '/user_id',
    ],
    [
      "pay from somebody else's account to their own",
      `POST /transfers {${hers}}`,
      '404 account_not_found',
      '/account_id',
    ],
    [
      'pay so by the general form',
      `POST /transactions {${hers},"type":"transfer"}`,
      '404 account_not_found',
      '/account_id',
    ],
    [
      "use the bank's own cash account",
      'POST /deposits {"account_id":-840,"amount":5}',
      '422 validation_failed',
      '/account_id',
    ],
    ["read the bank's own cash account", 'GET /accounts/-840', '422 validation_failed', '/id'],
    [
      'grant themselves an overdraft',
      'POST /accounts {"user_id":<mallory>,"account_type":"checking","overdraft_limit":500}',
      '403 forbidden',
      '/overdraft_limit',
    ],
    ['choose a value date for a deposit', `POST /deposits {${own}}`, '403 forbidden', '/effective_at'],
    ['choose a value date for a withdrawal', `POST /withdrawals {${own}}`, '403 forbidden', '/effective_at'],
    [
      'choose a value date for a transfer',
      `POST /transfers {${own},"target_account_id":<bob's account>}`,
      '403 forbidden',
      '/effective_at',
    ],
    [
      'choose a value date by the general form',
      `POST /transactions {${own},"type":"deposit"}`,
      '403 forbidden',
      '/effective_at',
    ],
    ['register a teller', `POST /users ${eve}`, '403 forbidden', '/role'],
    ['reverse a transaction', 'POST /transactions/<new transaction>/reversal {}', '403 forbidden'],
    ["remove somebody else's account", 'DELETE /accounts/<new empty account>', '404 account_not_found'],
    ["mark somebody else's notification", 'POST /notifications/<new notification>/read', '404 notification_not_found'],
  ])('%s', async (_what, line, told, pointer?: string) => {
    world.given['forged cursor'] = () => forgedCursor({ user_id: String(world.alice.id) });
    const filled = await world.fill(line);
    const before = await world.settled();
    const answer = await world.ask(filled, world.mallory.token);
    expect(answer.told).toBe(told);
    if (pointer !== undefined) expect(answer.body).toMatchObject({ errors: [{ pointer }] });
    expectNoSecrets(answer);
    expect(await world.settled()).toEqual(before);
  });

  test.each(['email=alice@example.com', 'q=alice', 'limit=1000'])(
    'find another user by %s, as a teller can',
    async (query) => {
      expectNoSecrets(await world.ask(`GET /users?${query}`, world.mallory.token));
      expect((await world.ask(`GET /users?${query}`, world.bank.teller.token)).text).toContain('Alice');
    },
  );
});

test('nobody registers a teller by themselves', async () => {
  expect((await world.ask(`POST /users ${eve}`, undefined)).told).toBe('403 forbidden');
});

describe('a token is refused', () => {
  const finish = <T extends SignJWT | UnsecuredJWT>(jwt: T): T => {
    const { jwtIssuer, jwtAudience } = world.bank.environment.config;
    return jwt.setSubject('1').setIssuer(jwtIssuer).setAudience(jwtAudience).setExpirationTime('1h') as T;
  };
  const ownKey = () => world.bank.environment.config.signingKey as { kid: string; x: string };
  const claims = { role: 'teller' };

  test.each<[string, () => string | Promise<string>]>([
    ['that is no JWT', () => 'Bearer nonsense'],
    ['that is empty', () => 'Bearer '],
    ['that is longer than any of ours', () => `Bearer ${'a'.repeat(8_000)}`],
    ['of another scheme', () => `Basic ${Buffer.from('teller:secret').toString('base64')}`],
    ['without a scheme', () => world.bank.teller.token],
    [
      'signed by somebody else',
      async () => {
        const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
        const jwt = finish(new SignJWT(claims)).setProtectedHeader({ alg: 'EdDSA', kid: ownKey().kid });
        return `Bearer ${await jwt.sign(privateKey)}`;
      },
    ],
    [
      'signed with the public key as a shared secret',
      async () => {
        const jwt = finish(new SignJWT(claims)).setProtectedHeader({ alg: 'HS256', kid: ownKey().kid });
        return `Bearer ${await jwt.sign(Buffer.from(ownKey().x, 'base64url'))}`;
      },
    ],
    ['that is not signed', () => `Bearer ${finish(new UnsecuredJWT(claims)).encode()}`],
    [
      'whose claims were changed',
      () => {
        const [header, payload = '', signature] = world.mallory.token.split('.');
        const changed = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), role: 'teller' };
        return `Bearer ${header}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}.${signature}`;
      },
    ],
    ['of another issuer', () => tellerToken({ issuer: 'https://elsewhere.test' })],
    ['for another audience', () => tellerToken({ audience: 'another bank' })],
    ['of a role that does not exist', () => tellerToken({ role: 'admin' })],
    ['of nobody', () => tellerToken({ userId: 'root' })],
    ['of user 0', () => tellerToken({ userId: 0 })],
  ])('%s', async (_why, authorization) => {
    const headers = { authorization: await authorization() };
    const answer = await world.bank.request<{ code: string }>('GET', '/users', { headers });
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="microbank"/);
  });
});

async function tellerToken(wish: object): Promise<string> {
  return `Bearer ${await world.bank.tokenFor({ userId: 1, role: 'teller', ...wish })}`;
}

/** Like the bank's own, which nobody signs: what it asks for has to be checked like any other query. */
function forgedCursor(filters: Record<string, string>): string {
  return Buffer.from(JSON.stringify({ list: 'GET /accounts', filters, next: { id: 0 } })).toString('base64url');
}
