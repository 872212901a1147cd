// functions/README.md is true: its steps, followed in a copy of the repository, make a function that is served, documented and tested.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkout } from '../../platform/local/settings.ts';
import { givenIssuer, startBank, startFunctionProcess } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

const copied = ['functions', 'eventing', 'platform', 'package.json', 'tsconfig.json'];
/** The tests' own set-up without the pages, which a function does not need. */
const vitestConfig = `export default {
  test: { globalSetup: 'functions/shared/testing/postgres-server.ts', setupFiles: 'functions/shared/testing/postgres-cleanup.ts' },
};\n`;

let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'microbank-operation-'));
  for (const name of copied) await cp(join(checkout, name), join(copy, name), { recursive: true });
  await symlink(join(checkout, 'node_modules'), join(copy, 'node_modules'));
  await writeFile(join(copy, 'vitest.config.mjs'), vitestConfig);
  const types = { extends: './tsconfig.json', include: ['functions/charge-fee'] };
  await writeFile(join(copy, 'tsconfig.operation.json'), JSON.stringify(types));

  const steps = await readFile(join(checkout, 'functions/README.md'), 'utf8');
  const blocks = [...steps.matchAll(/^ {3}```ts\n {3}\/\/ (functions\/\S+): (.*?)^ {3}```$/gms)];
  expect(blocks).toHaveLength(3);
  for (const [, file = '', text = ''] of blocks) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await writeFile(join(copy, file), `// ${text.replaceAll(/^ {3}/gm, '')}`);
  }
}, 30_000);
afterAll(() => rm(copy, { recursive: true, force: true }));

/** Runs Node in the copy. Rejects with what it printed when it fails. */
async function runNode(...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: copy, timeout: 60_000, env });
  return stdout;
}

test('it is served alone, to HTTP and as a CloudEvent', async () => {
  const databases = await givenDatabases();
  const issuer = await givenIssuer();
  const token = await issuer.tokenFor({ userId: 1, role: 'teller' });
  const functions = ['register-user', 'read-users', 'open-account'];
  const bank = await startBank({ databases, issuer, functions });
  const given = async (path: string, body: object): Promise<number> =>
    (await bank.request<{ id: number }>('POST', path, { token, body })).body.id;
  const user_id = await given('/users', { name: 'Alice Johnson', email: 'alice@example.com' });
  const account_id = await given('/accounts', { user_id, account_type: 'checking', balance: 10 });

  const main = join(copy, 'functions/shared/serving/main.ts');
  const fn = await startFunctionProcess('charge-fee', { DATABASE_URL: databases.ledger.url }, { issuer, main });
  const body = { account_id, amount: 2.5 };
  expect(await fn.request('POST', '/fees', { token, body })).toMatchObject({
    status: 201,
    body: { amount: 2.5, description: 'Fee', entries: [{ account_id, balance_after: 7.5 }, {}] },
  });
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': 'fee-1',
    'ce-source': '/branch',
    'ce-type': 'com.microbank.fee.requested',
  };
  const answered = await fn.request('POST', '/', { token, body, headers });
  expect(answered).toMatchObject({ status: 200, body: { entries: [{ balance_after: 5 }, {}] } });
  expect(answered.headers.get('ce-type')).toBe('com.microbank.transaction.completed');
  expect(answered.headers.get('ce-source')).toBe('/microbank/charge-fee');
});

test('its documents have it', async () => {
  await runNode('eventing/contracts/write-contracts.ts');
  const schema = await readFile(join(copy, 'eventing/contracts/com.microbank.fee.requested.v1.json'), 'utf8');
  expect(JSON.parse(schema)).toMatchObject({ title: 'com.microbank.fee.requested', description: 'Charge a fee' });
  const printOpenApi = `
    import { readContracts } from './eventing/contracts/contract-files.ts';
    import { createOpenApi } from './functions/shared/describe/openapi.ts';
    console.log(JSON.stringify(createOpenApi(await readContracts(), '/api')));`;
  const openapi = JSON.parse(await runNode('--input-type=module', '--eval', printOpenApi)) as unknown;
  expect(openapi).toMatchObject({ paths: { '/fees': { post: { summary: 'Charge a fee' } } } });
});

test('its own test passes, and its types fit', { timeout: 90_000 }, async () => {
  const run = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.config.mjs', 'functions/charge-fee'];
  expect(await runNode(...run)).toMatch(/Tests\s+1 passed/);
  await runNode('node_modules/typescript/bin/tsc', '-p', 'tsconfig.operation.json');
});
