// The bundle as the image has it, in a folder of its own with nothing around it: each function starts from it, and does its work.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import type { Rolldown } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { functionNames } from '../../functions/shared/process/load-functions.ts';
import { givenIssuer, startFunctionProcess } from '../../functions/shared/testing/harness.ts';
import type { Issuer } from '../../functions/shared/testing/issuer.ts';
import { givenLedgerBank } from '../../functions/tests/testing/bank.ts';
import { createDatabase } from '../../functions/shared/database/pool.ts';
import { givenDatabases } from '../../functions/shared/testing/postgres.ts';
import { roleNames } from '../../functions/shared/database/roles.ts';
import { databaseNames } from '../local/databases.ts';
import { bundle } from './bundle.ts';
import { givenOwnedDatabase } from './testing/owned-database.ts';
import { runInBundle } from './testing/run-in-bundle.ts';

const checkout = resolve(import.meta.dirname, '../..');
const nowhere = 'postgres://nobody@127.0.0.1:1/none';

let folder: string;
let chunks: Rolldown.OutputChunk[];
let issuer: Issuer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'microbank-bundle-'));
  chunks = await bundle(folder);
  issuer = await givenIssuer();
});
afterAll(() => rm(folder, { recursive: true }));

const start = (name: string, env: Record<string, string>, by = issuer): ReturnType<typeof startFunctionProcess> =>
  startFunctionProcess(
    name,
    { ...env, TRIGGERS_FOLDER: join(folder, 'triggers'), FUNCTION_URL: 'http://127.0.0.1:1/{function}' },
    { issuer: by, main: join(folder, 'main.js') },
  );

const run = (program: string, env: Record<string, string>) =>
  runInBundle(folder, [program], { ...env, MIGRATIONS_FOLDER: join(folder, 'migrations') });

describe.concurrent('each function', async () => {
  test.each(await functionNames())('%s starts, is ready and ends when it is told to', async (name) => {
    const env = {
      DATABASE_URL: nowhere,
      ...(name === 'sign-in' && { SIGNING_KEY: JSON.stringify(issuer.signingKey) }),
    };
    const fn = await start(name, env);
    expect((await fn.request('GET', '/readyz')).status).toBe(200);
    expect(await fn.kill('SIGTERM')).toMatchObject({ code: 0, signal: null });
  });
});

test('whatever is loaded later can be, in a process that has nothing else', { timeout: 60_000 }, async () => {
  const later = chunks.filter(({ isDynamicEntry }) => isDynamicEntry).map(({ fileName }) => fileName);
  expect(later.length).toBeGreaterThan((await functionNames()).length);
  for (const file of later) {
    const load = `await import(${JSON.stringify(pathToFileURL(join(folder, file)).href)}); process.exit(0)`;
    await expect(promisify(execFile)(process.execPath, ['--input-type=module', '--eval', load])).resolves.toBeDefined();
  }
});

test('a function that is not there is named, with those that are', async () => {
  const there = (await functionNames()).join(', ');
  await expect(start('borrow', { DATABASE_URL: nowhere })).rejects.toThrow(
    `there is no function borrow; there are ${there}`,
  );
});

test('deposit books what comes by HTTP and what comes as an event', async () => {
  const bank = await givenLedgerBank();
  const account = await bank.givenAccount();
  const fn = await start('deposit', { DATABASE_URL: bank.databases.ledger.url }, bank.issuer);
  const body = { account_id: account.id, amount: 12.5 };
  expect((await fn.request('POST', '/deposits', { token: bank.teller, body })).status).toBe(201);

  const headers = {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-source': '/test',
    'ce-type': 'com.microbank.deposit.requested',
  };
  const answer = await fn.request('POST', '/', { token: bank.teller, body, headers });
  expect(answer.headers.get('ce-type')).toBe('com.microbank.transaction.completed');
  expect(await bank.balanceOf(account.id)).toBe(25);
  expect((await fn.request('GET', '/metrics')).status).toBe(200);
  await fn.kill('SIGTERM');
});

test('the relay knows from the Triggers whom to ask', async () => {
  const bank = await givenLedgerBank();
  await bank.givenAccount();
  await bank.admin.query("update outbox set handed_over_at = now() - interval '1 hour', next_attempt_at = now()");
  const env = { DATABASE: 'ledger', DATABASE_URL: bank.databases.ledger.url, BROKER_URL: 'http://127.0.0.1:1/' };
  const fn = await start('relay', env);
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-source': '/ping',
    'ce-type': 'dev.knative.sources.ping',
  };
  expect((await fn.deliver('POST', '/', { headers, body: {} })).status).toBe(204);
  await expect.poll(() => fn.lines.join('\n')).toContain('"reconciled":{"asked":1,"settled":0,"lost":0,"unanswered":1');
  await fn.kill('SIGTERM');
});

describe('OpenTelemetry', () => {
  const hook = `--import ${pathToFileURL(join(checkout, 'functions/shared/testing/print-loaded.mjs')).href}`;
  const loadedBy = async (env: Record<string, string>) => {
    const fn = await start('deposit', { DATABASE_URL: nowhere, NODE_OPTIONS: hook, ...env });
    expect((await fn.request('GET', '/readyz')).status).toBe(200);
    await fn.request('POST', '/deposits', { body: {} });
    const loaded = fn.lines.filter((line) => line.startsWith('loaded file:'));
    expect(loaded.length).toBeGreaterThan(1);
    expect((await fn.kill('SIGTERM')).code).toBe(0);
    return { loaded: new Set(loaded.map((line) => basename(line))), lines: fn.lines };
  };
  /** Files of the bundle with a part of it. */
  const own = () => chunks.filter(({ moduleIds }) => moduleIds.some((id) => id.includes('@opentelemetry/')));

  test('is in files of its own, none of which is loaded where tracing is off', async () => {
    expect(own().length).toBeGreaterThan(0);
    const { loaded } = await loadedBy({});
    expect(own().filter(({ fileName }) => loaded.has(basename(fileName)))).toEqual([]);
  });

  test('is loaded where tracing is on, and a collector that is away does not keep the bank from working and ending', async () => {
    const { loaded, lines } = await loadedBy({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    expect(own().some(({ fileName }) => loaded.has(basename(fileName)))).toBe(true);
    expect(lines.join('\n')).toContain('"msg":"the last spans could not be sent"');
    expect(lines.join('\n')).toContain('"msg":"stopped"');
  });
});

test('errors keep the names that logs are searched by', async () => {
  const fn = await start('read-users', { DATABASE_URL: nowhere });
  const token = await issuer.tokenFor({ userId: 1, role: 'teller' });
  expect((await fn.request('GET', '/users', { token })).status).toBe(503);
  await expect.poll(() => fn.lines.join('\n')).toContain('"err":{"type":"Unavailable"');
  await fn.kill('SIGTERM');
});

test.each(databaseNames)('an owner without any other right migrates an empty %s database', async (name) => {
  const { ownerUrl, url, admin } = await givenOwnedDatabase(name);
  // Other tests use these roles meanwhile: their limits can't be taken away, but whoever sets them anew leaves another row.
  const written = async () => {
    const limits = 'select xmin::text from pg_db_role_setting where setrole = any ($1::regrole[]) order by setrole';
    return (await admin.query<{ xmin: string }>(limits, [roleNames(name)])).rows.map(({ xmin }) => xmin);
  };
  const before = await written();
  const migrate = (address: string) => run('migrate', { DATABASE: name, DATABASE_URL: address });

  const both = await Promise.all([migrate(ownerUrl), migrate(ownerUrl)]);
  expect(both).toMatchObject([
    { code: 0, err: '' },
    { code: 0, err: '' },
  ]);
  expect(both.map(({ out }) => out)).toContain(`${name}: up to date`);
  expect(both.map(({ out }) => out)).toContainEqual(
    expect.stringMatching(`^${name}: ran ${name}/0001-${name}, ${name}/`),
  );

  const after = await written();
  expect(after).toHaveLength(roleNames(name).length);
  expect(after.filter((xmin) => before.includes(xmin))).toEqual([]);
  const { pool } = createDatabase(url, { max: 1, name: 'bundle.test' });
  expect((await pool.query<object>('show statement_timeout')).rows).toEqual([{ statement_timeout: '10s' }]);
  const readable = `select from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and has_table_privilege(oid, 'select')`;
  expect((await pool.query(readable)).rowCount).toBeGreaterThan(1);
  await expect(pool.query('create table mine ()')).rejects.toThrow('permission denied');
  await pool.end();
  const entering = `select r from unnest($1::text[]) r where has_database_privilege(r, $2, 'connect')`;
  const enter = async (roles: string[]) =>
    (await admin.query<{ r: string }>(entering, [roles, new URL(url).pathname.slice(1)])).rows.map(({ r }) => r);
  expect(await enter(roleNames(name))).toEqual(roleNames(name));
  expect(await enter(databaseNames.filter((other) => other !== name).flatMap(roleNames))).toEqual([]);

  expect(await migrate(url)).toMatchObject({ code: 1, err: expect.stringContaining('permission denied') as string });
});

test('a program says what it needs, and quotes no password', async () => {
  const { code, err } = await run('migrate', { DATABASE: 'cellar', DATABASE_URL: 'secret' });
  expect({ code, lines: err.split('\n').map((line) => line.split(':')[0]) }).toEqual({
    code: 1,
    lines: ['DATABASE', 'DATABASE_URL'],
  });
  expect(err).not.toContain('secret');
});

test('the first teller is registered where there is none, and signs in', async () => {
  const { users } = await givenDatabases();
  const teller = {
    DATABASE_URL: users.url,
    TELLER_EMAIL: 'First@bank.example',
    TELLER_PASSWORD: 'four unrelated words do',
  };
  expect(await run('first-teller', teller)).toEqual({ code: 0, out: 'first teller registered', err: '' });
  const again = await run('first-teller', { ...teller, TELLER_EMAIL: 'second@bank.example' });
  expect(again).toEqual({ code: 0, out: 'there is a teller already: nothing changed', err: '' });

  const signIn = await start('sign-in', { DATABASE_URL: users.url, SIGNING_KEY: JSON.stringify(issuer.signingKey) });
  const credentials = { email: 'first@bank.example', password: teller.TELLER_PASSWORD };
  expect((await signIn.request('POST', '/sessions', { body: credentials })).status).toBe(201);
  await signIn.kill('SIGTERM');
});

test('keys are made in pairs, and old public keys stay published', async () => {
  const made = (await run('keys', {})).out.split('\n').map((line) => JSON.parse(line) as JWK & { keys: JWK[] });
  const [first, published] = [made[0]!, made[1]!];
  expect(published.keys).toEqual(
    [{ ...first, d: undefined, ext: undefined, iat: undefined }].map((key) => JSON.parse(JSON.stringify(key)) as JWK),
  );

  const next = (await run('keys', { PUBLISHED_KEYS: JSON.stringify(published) })).out.split('\n');
  expect((JSON.parse(next[1]!) as { keys: JWK[] }).keys.slice(1)).toEqual(published.keys);
  const same = await run('keys', { SIGNING_KEY: JSON.stringify(first), PUBLISHED_KEYS: JSON.stringify(published) });
  expect(same.out.split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([first, published]);
  const leaked = await run('keys', { PUBLISHED_KEYS: JSON.stringify({ keys: [first] }) });
  expect(leaked).toMatchObject({ code: 1, err: expect.stringContaining('PUBLISHED_KEYS') as string });
});

test('starting each function once leaves its code compiled', { timeout: 120_000 }, async () => {
  const env = { NODE_COMPILE_CACHE: join(folder, 'cache'), NODE_COMPILE_CACHE_PORTABLE: '1' };
  // All of them: one that needs a variable which the warm-up does not know would keep the image from being built.
  expect(await runInBundle(folder, ['warm-up'], env)).toMatchObject({ code: 0, err: '' });
  expect((await readdir(join(folder, 'cache'), { recursive: true })).length).toBeGreaterThan(20);
});

test('the bundle is made of what a function needs, and of nothing else', () => {
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => !id.startsWith('\0'));
  const files = modules.map((id) => relative(checkout, id));
  const own = files.filter((file) => !file.includes('node_modules/'));
  expect(own.filter((file) => !/^(functions|eventing|platform\/(images\/programs|local|backup))\//.test(file))).toEqual(
    [],
  );
  expect(own.filter((file) => /\.test\.|\/testing\/|\/tests\//.test(file))).toEqual([]);

  const packages = new Set(files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
  const { packages: locked } = createRequire(import.meta.url)('../../package-lock.json') as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  const forDevelopment = [...packages].filter((name) => locked[`node_modules/${name}`]?.dev);
  expect(forDevelopment).toEqual([]);
});
