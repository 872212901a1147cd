// Who causes the traffic: the teller, and customers with accounts in several currencies, all made through the API.
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import type { Session } from '../../functions/sign-in/contract.ts';
import type { Currency } from '../../functions/shared/contract/money.ts';
import type { Account } from '../../functions/shared/contract/account.ts';
import type { ApiRequest, BankApi } from './bank-api.ts';
import type { TrafficOptions } from './options.ts';

export type OwnAccount = { id: number; userId: number; currency: Currency };
export type Person = { userId: number; token: () => Promise<string> };
export type Cast = { teller: Person; customers: Person[]; accounts: OwnAccount[] };

/** The reader can put it right; printed as one line. */
export class CannotBegin extends Error {}

export type Credentials = { email: string; password: string };

/** Each customer has an account in dollars, and one in the next of these. */
const otherCurrencies: readonly Currency[] = ['EUR', 'JPY', 'KWD', 'USD'];
const openingBalance = 1_000;
/** A password hash costs the bank a tenth of a second, so the others leave their business to the teller. */
const signedInMax = 20;

/** @throws CannotBegin when the bank does not answer or does not know the teller. */
export async function assembleCast(api: BankApi, options: TrafficOptions): Promise<Cast> {
  const teller = await signIn(api, await tellerOf(options));
  const customers: Person[] = [];
  const accounts: OwnAccount[] = [];
  for (let i = 0; i < options.users; i++) {
    const token = await teller.token();
    // Random, so that a second run on the same bank meets no address that is taken.
    const email = `customer-${randomUUID().slice(0, 12)}@traffic.example`;
    const password = randomUUID();
    const user = await mustCreate<{ id: number }>(api, {
      method: 'POST',
      path: '/users',
      token,
      body: { name: `Customer ${i + 1}`, email, phone: `+1 555 ${String(1_000_000 + i).slice(1)}`, password },
    });
    for (const currency of ['USD', otherCurrencies[i % otherCurrencies.length]] as Currency[]) {
      const body = { user_id: user.id, account_type: 'checking', balance: openingBalance, currency };
      const account = await mustCreate<Account>(api, { method: 'POST', path: '/accounts', token, body });
      accounts.push({ id: account.id, userId: user.id, currency });
    }
    const acting = i < signedInMax ? await signIn(api, { email, password }) : teller;
    customers.push({ userId: user.id, token: acting.token });
  }
  return { teller, customers, accounts };
}

async function tellerOf({ email, password, tellerFile }: TrafficOptions): Promise<Credentials> {
  if (email !== undefined && password !== undefined) return { email, password };
  try {
    return JSON.parse(await readFile(tellerFile, 'utf8')) as Credentials;
  } catch (error) {
    throw new CannotBegin(`cannot read ${tellerFile}; does the bank run (npm start)? Or give --email and --password`, {
      cause: error,
    });
  }
}

/** The session is renewed when half its token's life is over, and begun anew when it cannot be. */
export async function signIn(api: BankApi, { email, password }: Credentials): Promise<Person> {
  const begin = () => mustCreate<Session>(api, { method: 'POST', path: '/sessions', body: { email, password } });
  let session = await begin();
  let renewAt = dueAt(session);
  const renew = async (): Promise<void> => {
    const { session_id, renewal_secret } = session;
    const request = { method: 'POST', path: '/sessions/renewal', body: { session_id, renewal_secret } } as const;
    const renewed = await api.send(request).catch(() => undefined);
    session = renewed?.status === 200 ? (renewed.body as Session) : await begin();
    renewAt = dueAt(session);
  };
  // One renewal for all who ask meanwhile: its secret is good for one.
  let renewing: Promise<void> | undefined;
  return {
    userId: userIdOf(session.access_token),
    token: async () => {
      if (performance.now() > renewAt) await (renewing ??= renew().finally(() => (renewing = undefined)));
      return session.access_token;
    },
  };
}

function dueAt({ expires_in }: Session): number {
  return performance.now() + expires_in * 500;
}

function userIdOf(token: string): number {
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string };
  return Number(payload.sub);
}

/** The body of a 201. @throws CannotBegin for every other answer, and without one. */
export async function mustCreate<T>(api: BankApi, request: ApiRequest): Promise<T> {
  const answer = await api.send(request).catch((error: unknown) => {
    throw new CannotBegin(`the bank does not answer (${(error as Error).message}); does it run (npm start)?`, {
      cause: error,
    });
  });
  if (answer.status === 201) return answer.body as T;
  throw new CannotBegin(`${request.path} answered ${answer.status} ${answer.code ?? ''}`);
}
