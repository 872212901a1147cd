// A bank that `npm start` runs, the demo's program, and what the tests look at.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { checkout } from '../../local/settings.ts';
import { npmStart } from '../../local/testing/npm-start.ts';
import { createBankApi, type BankApi } from '../../traffic/bank-api.ts';
import { signIn } from '../../traffic/customers.ts';
import { findBank, type FoundBank } from '../find-bank.ts';

export type Running = {
  bank: FoundBank;
  api: BankApi;
  tokenOf: (credentials: object) => Promise<string>;
  teller: string;
};

/** Stopped at the end of the test; its data folder stays. */
export async function startBank(dataFolder: string): Promise<Running> {
  await npmStart({ MICROBANK_DATA: dataFolder }).ready();
  const bank = await findBank({ dataFolder, databaseUrl: undefined });
  const api = createBankApi(bank.address);
  const tokenOf = async (credentials: object): Promise<string> =>
    (await signIn(api, credentials as { email: string; password: string })).token();
  const teller = await tokenOf(JSON.parse(await readFile(join(dataFolder, 'teller.json'), 'utf8')) as object);
  return { bank, api, tokenOf, teller };
}

export async function get<T>({ api, teller }: Running, path: string): Promise<T> {
  return (await api.send({ method: 'GET', path, token: teller })).body as T;
}

export async function queryOf<T extends object>(url: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<T>(text).finally(() => client.end());
  return rows;
}

/** What `npm run demo` runs, with all that it printed. */
export async function runDemo(
  environment: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; output: string }> {
  const program = join(checkout, 'platform/demo/demo.ts');
  const env = { PATH: process.env['PATH'] ?? '', ...environment };
  return promisify(execFile)(process.execPath, [program, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    },
  );
}
