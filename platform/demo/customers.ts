// The demo's customers: registered by the teller through the API, with random passwords that are kept in demo.json.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { User } from '../../functions/shared/contract/user.ts';
import { CannotStart } from '../local/cannot-start.ts';
import { keepFile, randomPassword } from '../local/secrets.ts';
import { listAll, type BankApi } from '../traffic/bank-api.ts';
import { mustCreate, type Person } from '../traffic/customers.ts';
import type { PersonName } from './steps.ts';

const people: Record<PersonName, { name: string; email: string; phone: string }> = {
  alice: { name: 'Alice Johnson', email: 'alice.johnson@example.com', phone: '+1 555 0142' },
  bob: { name: 'Bob Miller', email: 'bob.miller@example.com', phone: '+1 555 0177' },
  chiyo: { name: 'Chiyo Tanaka', email: 'chiyo.tanaka@example.com', phone: '+81 75 555 0119' },
  fatima: { name: 'Fatima Al-Sabah', email: 'fatima.al-sabah@example.com', phone: '+965 5550 0163' },
};
const names = Object.keys(people) as PersonName[];

type Credentials = { name: string; email: string; password: string };
type Customer = Credentials & { userId: number };
export type Customers = { of: Record<PersonName, Customer>; file: string };

/** Registers whoever is missing: a run that was killed half-way is gone on with. @throws CannotStart for an address that is taken. */
export async function ensureCustomers(api: BankApi, teller: Person, dataFolder: string): Promise<Customers> {
  const file = join(dataFolder, 'demo.json');
  const token = await teller.token();
  const users = new Map((await listAll<User>(api, token, '/users?limit=1000')).map((user) => [user.email, user]));
  const taken = names.filter((name) => users.has(people[name].email));
  if (taken.length > 0 && !existsSync(file)) {
    const emails = taken.map((name) => people[name].email).join(', ');
    throw new CannotStart(`${emails}: registered already, and there is no ${file} with the password`);
  }

  const kept = await keepFile<Record<PersonName, Credentials>>(file, createCredentials);
  const of = {} as Record<PersonName, Customer>;
  for (const name of names) {
    const { email, password } = kept[name];
    const body = { ...people[name], email, password };
    const user = users.get(email) ?? (await mustCreate<User>(api, { method: 'POST', path: '/users', token, body }));
    of[name] = { ...kept[name], userId: user.id };
  }
  return { of, file };
}

function createCredentials(): Record<PersonName, Credentials> {
  const entries = names.map((name) => {
    const { name: fullName, email } = people[name];
    return [name, { name: fullName, email, password: randomPassword() }];
  });
  return Object.fromEntries(entries) as Record<PersonName, Credentials>;
}
