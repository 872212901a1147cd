// The first teller, without whom nobody could do a teller's work: registered on the first run, kept in teller.json.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { registerUser } from '../../functions/register-user/register-user.ts';
import { emailKey } from '../../functions/shared/contract/email-key.ts';
import type { Environment } from '../../functions/shared/process/environment.ts';
import { traceparentFrom } from '../../functions/shared/watch/trace.ts';
import { keepFile, randomPassword } from './secrets.ts';

export type Teller = { email: string; password: string };
export type KeptTeller = Teller & { file: string; isNew: boolean };

type Needs = Pick<Environment, 'users' | 'handOver'>;

/** The teller of teller.json, registered if the users database does not have them, as after a start that was killed half-way. */
export async function ensureTeller(environment: Needs, folder: string): Promise<KeptTeller> {
  const file = join(folder, 'teller.json');
  const isNew = !existsSync(file);
  const teller = await keepFile<Teller>(file, async () => ({
    email: await freeEmail(environment),
    password: randomPassword(),
  }));
  if (!(await isRegistered(environment, teller.email))) await registerTeller(environment, teller);
  return { ...teller, file, isNew };
}

// A database that outlived its data folder has a teller whose password nobody knows; the new one needs another address.
async function freeEmail(environment: Needs): Promise<string> {
  const usual = 'teller@microbank.example';
  return (await isRegistered(environment, usual)) ? `teller-${randomUUID().slice(0, 8)}@microbank.example` : usual;
}

async function isRegistered({ users }: Needs, email: string): Promise<boolean> {
  const row = await users.db
    .selectFrom('bank_user')
    .select('id')
    .where('email_key', '=', emailKey(email))
    .executeTakeFirst();
  return row !== undefined;
}

export async function registerTeller(environment: Needs, { email, password }: Teller): Promise<void> {
  const idempotency = { scope: 'first teller', key: randomUUID(), fingerprint: '' };
  const person = { name: 'First Teller', email, password, role: 'teller' } as const;
  await registerUser(environment, person, { idempotency, traceparent: traceparentFrom(undefined) });
}
