// What the environment has to say, and how it is told what is missing.
import { expect, test } from 'vitest';
import { configFrom, readVariables } from './config.ts';

const enough = {
  FUNCTION_TARGET: 'deposit',
  JWKS_URL: 'http://sign-in/.well-known/jwks.json',
  ENDED_SESSIONS_URL: 'http://edge/api/.well-known/ended-sessions.json',
  JWT_ISSUER: 'https://bank.test',
  JWT_AUDIENCE: 'bank',
};

test('needs little, and has no default for a secret', () => {
  const url = 'postgres://microbank_ledger:pw@db/microbank_ledger';
  const config = configFrom(readVariables({ ...enough, PORT: '9000', DATABASE_URL: url, BROKER_URL: '' }), ['ledger']);
  expect(config).toEqual({
    functionTarget: 'deposit',
    port: 9000,
    host: '0.0.0.0',
    databaseUrls: { ledger: url },
    poolMax: 8,
    jwksUrl: enough.JWKS_URL,
    endedSessionsUrl: enough.ENDED_SESSIONS_URL,
    jwtIssuer: enough.JWT_ISSUER,
    jwtAudience: enough.JWT_AUDIENCE,
    logLevel: 'info',
  });
});

test('names every variable that is missing or wrong at once', () => {
  expect(() =>
    readVariables({
      PORT: '99999',
      LOG_LEVEL: 'loud',
      FUNCTION_URL: 'http://x',
      SIGNING_KEY: '{',
      JWT_AUDIENCE: '',
      PROMETHEUS_URL: 'prometheus:9090',
    }),
  ).toThrow(
    expect.objectContaining({
      problems: [
        'FUNCTION_TARGET is missing',
        expect.stringContaining('PORT: '),
        'JWKS_URL is missing',
        'ENDED_SESSIONS_URL is missing',
        'JWT_ISSUER is missing',
        'JWT_AUDIENCE is missing',
        'SIGNING_KEY: is not JSON',
        'FUNCTION_URL: must say where the name goes, as {function}',
        expect.stringContaining('PROMETHEUS_URL: '),
        expect.stringContaining('LOG_LEVEL: '),
      ],
    }),
  );
});

test('knows the edge by one secret, or by two while it changes, none of them short', () => {
  const [old, fresh] = ['a'.repeat(32), '-_Z9'.repeat(8)];
  const secretsOf = (EDGE_SECRET: string) => configFrom(readVariables({ ...enough, EDGE_SECRET }), []).edgeSecrets;
  expect(secretsOf(old)).toEqual([old]);
  expect(secretsOf(`${old},${fresh}`)).toEqual([old, fresh]);
  expect(secretsOf('')).toBeUndefined();
  for (const wrong of ['short', `${old},`, `${old},short`, `${old} `, `${old},${fresh},${old}`, 'ü'.repeat(32)]) {
    expect(() => secretsOf(wrong), wrong).toThrow(/^configuration: EDGE_SECRET: has to be 32 letters, (?!.*aaaa)/);
  }
});

test('takes the addresses of the pages as browsers write them, where browsers make passkeys', () => {
  const originsOf = (PASSKEY_ORIGINS: string) =>
    configFrom(readVariables({ ...enough, PASSKEY_ORIGINS }), []).passkeyOrigins;
  expect(originsOf('https://bank.example')).toEqual(['https://bank.example']);
  const local = ['http://microbank.localhost:8080', 'http://localhost:8080', 'https://localhost'];
  expect(originsOf(local.join())).toEqual(local);
  expect(originsOf('')).toBeUndefined();
  const wrong = [
    'bank.example',
    'http://bank.example',
    'https://bank.example/',
    'https://bank.example:443',
    'https://192.0.2.1',
  ];
  for (const text of [
    ...wrong,
    'http://[::1]',
    'http://127.0.0.1:8080',
    'ftp://localhost',
    'https://bank.example,',
    '*',
  ])
    expect(() => originsOf(text), text).toThrow(/^configuration: PASSKEY_ORIGINS: has to be origins/);
});

test('needs a database address only for a function that has a database', () => {
  expect(() => configFrom(readVariables(enough), ['ledger'])).toThrow(
    'DATABASE_URL is missing: deposit works on the ledger database',
  );
  expect(configFrom(readVariables(enough), []).databaseUrls).toEqual({});
});

test('a function that is deployed once for each of its databases is told which one', () => {
  const url = 'postgres://microbank_users:pw@db/microbank_users';
  const read = readVariables({ ...enough, FUNCTION_TARGET: 'relay', DATABASE: 'users', DATABASE_URL: url });
  expect(configFrom(read, ['ledger', 'users']).databaseUrls).toEqual({ users: url });
  expect(() => configFrom(read, ['ledger'])).toThrow('DATABASE is users: relay works on ledger');
});

test('streams and their listening connection have settings of their own, for what stands before functions and databases', () => {
  const url = 'postgres://microbank_notifications:pw@db/microbank_notifications';
  const read = { ...enough, DATABASE_URL: url, LISTEN_URL: `${url}?direct`, LONGEST_STREAM_SECONDS: '270' };
  const config = configFrom(readVariables(read), ['notifications']);
  expect(config).toMatchObject({ listenUrl: `${url}?direct`, longestStreamMs: 270_000 });
  expect(() => readVariables({ ...read, LONGEST_STREAM_SECONDS: '0' })).toThrow('LONGEST_STREAM_SECONDS');
});

test('signs as one speaker, verifies with published keys, and knows the platform by a secret', () => {
  const key = { kty: 'OKP', crv: 'Ed25519', kid: 'k1', x: 'AA', d: 'AA', speaker: 'ledger' };
  const read = (more: Record<string, string>) => configFrom(readVariables({ ...enough, ...more }), []);
  const keysUrl = 'http://edge/.well-known/event-keys.json';
  const config = read({
    EVENT_SIGNING_KEY: JSON.stringify(key),
    EVENT_KEYS_URL: keysUrl,
    PLATFORM_PROOF: 'p'.repeat(32),
  });
  expect(config).toMatchObject({ eventSigningKeys: [key], eventKeysUrl: keysUrl, platformProofs: ['p'.repeat(32)] });
  for (const wrong of [
    { ...key, speaker: 'deposit' },
    { ...key, d: undefined },
    { ...key, crv: 'P-256' },
  ])
    expect(() => read({ EVENT_SIGNING_KEY: JSON.stringify(wrong) })).toThrow(/^configuration: EVENT_SIGNING_KEY/);
  expect(() => read({ PLATFORM_PROOF: 'short' })).toThrow('PLATFORM_PROOF');
});
