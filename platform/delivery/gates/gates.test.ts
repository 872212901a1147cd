// A break of what was released is found, one row each; what only adds is not one.
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../eventing/events/data-schemas.ts';
import { gitIn } from '../git.ts';
import { givenRepository } from '../testing/sample-repository.ts';
import { withoutAnnounced } from './announced.ts';
import { findMigrationBreaks } from './migration-breaks.ts';
import { findOpenApiBreaks, type OpenApi } from './openapi-breaks.ts';
import { describeApi, lastRelease, migrationsFolder, readEventSchemas, readMigrations } from './released.ts';

const checkout = resolve(import.meta.dirname, '../../..');

describe('the API', () => {
  const json = (schema: Json) => ({ 'application/json': { schema } });
  const sum = { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] };
  const deposit = {
    security: [{}, { bearer: [] }],
    parameters: [{ name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 1000 } }],
    requestBody: { required: true, content: json({ ...sum, additionalProperties: false }) },
    responses: { 201: { content: json(sum) }, default: {} },
  };
  const released: OpenApi = { paths: { '/deposits': { post: deposit } } };
  const changed = (change: object): OpenApi => ({ paths: { '/deposits': { post: { ...deposit, ...change } } } });
  const more = { type: 'object', properties: { ...sum.properties, more: { type: 'string' } }, required: ['amount'] };

  test.each<[change: string, to: OpenApi, breaks: string[]]>([
    ['nothing', released, []],
    ['a new operation', { paths: { ...released.paths, '/loans': { post: deposit } } }, []],
    ['an operation that is gone', { paths: {} }, ['is gone']],
    ['a new optional parameter', changed({ parameters: [...deposit.parameters, { name: 'q', in: 'query' }] }), []],
    [
      'a new required parameter',
      changed({ parameters: [...deposit.parameters, { name: 'q', in: 'query', required: true }] }),
      ['query parameter q is now required'],
    ],
    ['a parameter that is gone', changed({ parameters: [] }), ['query parameter limit is gone']],
    [
      'a lower limit',
      changed({ parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', maximum: 100 } }] }),
      ['query parameter limit: maximum was 1000 and is 100'],
    ],
    [
      'a new optional field in a body',
      changed({ requestBody: { content: json({ ...more, additionalProperties: false }) } }),
      [],
    ],
    [
      'a new required field in a body',
      changed({ requestBody: { content: json({ ...more, required: ['amount', 'more'] }) } }),
      ['body/more: is now required'],
    ],
    ['a new field in an answer', changed({ responses: { 201: { content: json(more) } } }), []],
    [
      'a field that an answer has lost',
      changed({ responses: { 201: { content: json({ type: 'object', properties: {} }) } } }),
      ['answer 201/amount: is gone'],
    ],
    ['another status', changed({ responses: { 200: { content: json(sum) } } }), ['is no longer answered with 201']],
    [
      'another kind of answer',
      changed({ responses: { 201: { content: { 'text/csv': {} } } } }),
      ['answer 201 is no longer application/json'],
    ],
    ['a sign-in that it needs now', changed({ security: [{ bearer: [] }] }), ['is no longer for anyone']],
  ])('%s', (_change, to, breaks) => {
    expect(findOpenApiBreaks(released, to)).toEqual(breaks.map((line) => `POST /deposits: ${line}`));
  });
});

describe('a migration', () => {
  const released = new Map([
    ['ledger/0001-ledger.sql', 'CREATE TABLE account ();\n'],
    ['ledger/0003-more.sql', 'ALTER TABLE account ADD COLUMN nickname text;\n'],
  ]);
  const withNew = (sql: string, file = 'ledger/0004-new.sql') => new Map([...released, [file, `${sql}\n`]]);

  test.each<[sql: string, taken: string[]]>([
    ['CREATE TABLE loan (id bigint NOT NULL);', []],
    ['ALTER TABLE account ADD COLUMN colour text;', []],
    ['ALTER TABLE account ADD COLUMN colour text NOT NULL DEFAULT $x$red$x$;', []],
    ['CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM account; DROP TABLE account; $$;', []],
    ["-- DROP TABLE account;\nINSERT INTO note VALUES ('it''s; DROP TABLE account');", []],
    ['REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC;', []],
    ['ALTER TABLE account DROP CONSTRAINT positive;', []],
    ['DROP TABLE account;', ['drops TABLE account']],
    ['DROP FUNCTION IF EXISTS post(jsonb);', ['drops FUNCTION post(jsonb)']],
    ['ALTER TABLE account\n  DROP COLUMN nickname,\n  ADD COLUMN colour text;', ['drops column nickname']],
    ['ALTER TABLE account RENAME COLUMN nickname TO name;', ['renames to name']],
    ['ALTER TABLE account RENAME TO accounts;', ['renames to accounts']],
    ['ALTER TABLE account ALTER COLUMN id TYPE integer;', ['changes the type of column id']],
    ['ALTER TABLE account ALTER nickname SET NOT NULL;', ['demands column nickname']],
    ['ALTER TABLE account ADD COLUMN colour text NOT NULL;', ['demands column colour']],
    ['TRUNCATE account;', ['empties account']],
    ['DELETE FROM account WHERE id = 1;', ['deletes rows of account']],
    ["UPDATE account SET nickname = 'x';", ['rewrites rows of account']],
    ['REVOKE SELECT ON account FROM microbank_ledger;', ['takes a right of microbank_ledger']],
  ])('%s', (sql, taken) => {
    const lines = taken.map((what) => `ledger/0004-new.sql: ${what}, and says neither expand nor contract`);
    expect(findMigrationBreaks(released, withNew(sql))).toEqual(lines);
  });

  test('may expand when it says so, and contract what a release has expanded', () => {
    const find = (head: string) =>
      findMigrationBreaks(released, withNew(`-- What it is for.\n-- ${head}\nDROP TABLE account;`));
    expect(find('expand: nobody has read this table since it was made')).toEqual([]);
    expect(find('contract: ledger/0003-more.sql moved what it held')).toEqual([]);
    expect(find('contract: ledger/0009-never.sql moved what it held')).toEqual([
      'ledger/0004-new.sql: says it contracts ledger/0009-never.sql, which is in no release yet',
    ]);
  });

  test('is never changed, taken away or put in between once it is released', () => {
    const [first, second] = ['ledger/0001-ledger.sql', 'ledger/0003-more.sql'];
    expect(findMigrationBreaks(released, new Map([[first, 'CREATE TABLE other ();\n']]))).toEqual([
      `${first}: was changed after its release; databases that have it never see that`,
      `${second}: is gone, but databases have it`,
    ]);
    expect(findMigrationBreaks(released, withNew('SELECT 1;', 'ledger/0002-late.sql'))).toEqual([
      `ledger/0002-late.sql: comes before ${second}, which is released: databases that have that one skip it`,
    ]);
    expect(findMigrationBreaks(released, withNew('SELECT 1;', 'users/0001-users.sql'))).toEqual([]);
  });

  test('of this repository reads the same from git as from its folder', async () => {
    const git = gitIn(checkout);
    const committed = await readMigrations(checkout, 'HEAD');
    const names = (await readdir(join(checkout, migrationsFolder), { recursive: true })).filter((name) =>
      name.endsWith('.sql'),
    );
    expect([...committed.keys()].filter((name) => !names.includes(name))).toEqual([]);
    const changed = (await git('status', '--porcelain', '--', migrationsFolder)).split('\n');
    for (const [name, sql] of committed) {
      if (changed.some((line) => line.endsWith(name))) continue;
      expect(sql, name).toBe(await readFile(join(checkout, migrationsFolder, name), 'utf8'));
    }
  });
});

test('a break that is meant is announced with its reason, as long as it breaks', () => {
  const found = ['POST /deposits: is gone', 'ledger/0004.sql: drops TABLE account'];
  const text = `# Notes.\n\n${found[0] ?? ''} # Replaced by /transactions.\nGET /users: is gone # Once.\nGET /x: is gone\n`;
  expect(withoutAnnounced(found, text)).toEqual({
    breaks: [found[1]],
    problems: [
      'announced without a reason: GET /x: is gone',
      'announced, but nothing breaks so: GET /users: is gone',
      'announced, but nothing breaks so: GET /x: is gone',
    ],
  });
});

test('what is compared with is the last release before this commit, as its own code describes it', async () => {
  await using bank = await givenRepository();
  const documents = (text: string) => ({
    'platform/edge/write-documents.ts': `import { mkdir, writeFile } from 'node:fs/promises';\nawait mkdir(process.argv[2]);\nawait writeFile(process.argv[2] + '/openapi.json', ${JSON.stringify(text)});\n`,
  });
  expect(await lastRelease(bank.folder)).toBeUndefined();
  const schema = {
    'eventing/contracts/com.microbank.thing.happened.v1.json': '{"type":"object"}\n',
    'eventing/contracts/asyncapi.json': '{}\n',
  };
  await bank.push({ ...documents('{"paths":{"/old":{"get":{}}}}'), ...schema });
  await bank.git('tag', 'v1.0.0');
  await bank.git('tag', 'not-a-release');
  // The release itself has none before it.
  expect(await lastRelease(bank.folder)).toBeUndefined();
  await bank.push(documents('{"paths":{}}'));
  expect(await lastRelease(bank.folder)).toBe('v1.0.0');

  const was = await describeApi(bank.folder, 'v1.0.0');
  expect(findOpenApiBreaks(was, await describeApi(bank.folder, 'HEAD'))).toEqual(['GET /old: is gone']);
  expect([...(await readEventSchemas(bank.folder, 'v1.0.0'))]).toEqual([
    ['com.microbank.thing.happened.v1.json', { type: 'object' }],
  ]);
  expect([...(await readMigrations(bank.folder, 'v1.0.0')).keys()]).toEqual(['ledger/0001-ledger.sql']);
});
