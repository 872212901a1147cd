// Every function there is, with the broker and its triggers between them, on databases of the test file's own.
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll } from 'vitest';
import type { Broker, BrokerSettings } from '../../../../eventing/broker/broker.ts';
import { startInProcessBroker } from '../../../../eventing/broker/in-process.ts';
import type { Account } from '../../../shared/contract/account.ts';
import type { Contract, DatabaseName, Route } from '../../../shared/contract/function.ts';
import { functionNames, loadFunction } from '../../../shared/process/load-functions.ts';
import { startBank, type TestBank } from '../../../shared/testing/harness.ts';
import { givenDatabases } from '../../../shared/testing/postgres.ts';
import type { Transaction } from '../../../shared/contract/transaction.ts';
import type { User } from '../../../shared/contract/user.ts';
import { platformProof } from '../../../shared/testing/issuer.ts';

export type Person = { id: number; token: string; user: User };

export type WholeBank = TestBank & {
  contracts: readonly Contract[];
  /** Keyed as in the contracts: `POST /deposits`. */
  routes: ReadonlyMap<string, Route>;
  /** The owner's pools, which may look at everything. */
  admin: Record<DatabaseName, pg.Pool>;
  teller: Person;
  /** Registers somebody; the token is the test issuer's, so no password is needed. */
  givenPerson: (name: string, more?: { password?: string; role?: 'teller' }) => Promise<Person>;
  givenAccount: (owner: Person, more?: object) => Promise<Account>;
  givenDeposit: (accountId: number, amount: number, more?: object) => Promise<Transaction>;
  /** How much there is of everything that a refused request must not change. */
  snapshot: () => Promise<Record<string, string>>;
};

const started: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const stop of started.splice(0).reverse()) await stop();
}, 30_000);

export type OpenBroker = (settings: BrokerSettings) => Promise<Broker>;

const triggersFolder = fileURLToPath(new URL('../../../../eventing/triggers', import.meta.url));

/** Call it at the top of a test file or in a hook; it stops itself when the file ends. `openBroker`: another than in the process. */
export async function startWholeBank(openBroker: OpenBroker = startInProcessBroker): Promise<WholeBank> {
  const databases = await givenDatabases();
  const functions = await Promise.all((await functionNames()).map(loadFunction));
  const contracts = functions.map(({ contract }) => contract);
  let origin = '';
  const broker = await openBroker({
    platformProof,
    triggersFolder,
    log: pino({ level: 'silent' }),
    resolveSubscriber: (name, uri = '/') => `${origin}/${name}${uri}`,
  });
  const bank = await startBank({ databases, functions, config: { brokerUrl: broker.url } });
  origin = bank.origin;
  const admin = {
    users: new pg.Pool({ connectionString: databases.users.adminUrl, max: 1 }),
    ledger: new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 1 }),
    notifications: new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 1 }),
  };
  started.push(async () => {
    await bank.stop(); // What it still hands over needs the broker.
    await Promise.all([broker.close(), ...Object.values(admin).map((pool) => pool.end())]);
  });

  const founder = await bank.tellerToken();
  const create = async <T>(path: string, body: object): Promise<T> => {
    const answer = await bank.request<T>('POST', path, { token: founder, body });
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const givenPerson = async (name: string, more: { password?: string; role?: 'teller' } = {}): Promise<Person> => {
    const user = await create<User>('/users', { name, email: `${name.toLowerCase()}@example.com`, ...more });
    const token = await bank.tokenFor({ userId: user.id, role: user.role });
    return { id: user.id, token, user };
  };

  return {
    ...bank,
    contracts,
    routes: new Map(contracts.flatMap(({ routes }) => Object.entries<Route>(routes))),
    admin,
    teller: await givenPerson('Teller', { role: 'teller', password: 'four unrelated words do' }),
    givenPerson,
    givenAccount: (owner, more = {}) => create('/accounts', { user_id: owner.id, account_type: 'checking', ...more }),
    givenDeposit: (account_id, amount, more = {}) => create('/deposits', { account_id, amount, ...more }),
    snapshot: () => countEverything(admin),
  };
}

async function countEverything(admin: Record<DatabaseName, pg.Pool>): Promise<Record<string, string>> {
  const [users, ledger, notifications] = await Promise.all([
    admin.users.query<Record<string, string>>(
      `SELECT count(*) AS users, sum(version) AS user_versions, (SELECT count(*) FROM outbox) AS user_events FROM bank_user`,
    ),
    admin.ledger.query<Record<string, string>>(
      `SELECT count(*) AS accounts, sum(version) AS account_versions, sum(balance_minor) AS balances,
         (SELECT count(*) FROM transaction) AS transactions, (SELECT count(*) FROM entry) AS entries,
         (SELECT count(*) FROM outbox) AS ledger_events FROM account`,
    ),
    admin.notifications.query<Record<string, string>>(
      `SELECT count(*) AS notifications, count(read_at) AS read_notifications FROM notification`,
    ),
  ]);
  return { ...users.rows[0], ...ledger.rows[0], ...notifications.rows[0] };
}
