// Gives a bank that runs on this machine customers with a history of 90 days. Next: story.ts, book-story.ts, deliver-events.ts.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { TransactionFacts } from '../../functions/shared/ledger/posting.ts';
import type { User } from '../../functions/shared/contract/user.ts';
import { CannotStart } from '../local/cannot-start.ts';
import { connect } from '../local/databases.ts';
import { createBankApi, type BankApi } from '../traffic/bank-api.ts';
import { checkBooks } from '../traffic/check-books.ts';
import { signIn, type Credentials, type Person } from '../traffic/customers.ts';
import { bookStory, scopeOf } from './book-story.ts';
import { ensureCustomers, type Customers } from './customers.ts';
import { deliverEvents } from './deliver-events.ts';
import { requireLoopback, type FoundBank } from './find-bank.ts';
import type { Step } from './steps.ts';
import { tellStory, type StorySettings } from './story.ts';

/** `isNew`: this call has made the history; otherwise it was there. */
export type Demo = { customers: Customers['of']; file: string; isNew: boolean };

export type DemoSettings = StorySettings & { bank: FoundBank; say: (line: string) => void };

// Any number that nothing else in the ledger's database uses.
const demoLock = 7_143_000_002n;

/**
 * The same seed and today make the same history, but for the passwords and ids. A second call adds nothing.
 * @throws CannotStart or CannotBegin for what the reader can put right.
 */
export async function addDemo({ bank, seed, today, say }: DemoSettings): Promise<Demo> {
  requireLoopback('the bank', new URL(bank.address).hostname);
  // post() never books before an account's last entry: one in the future would hold up the clock of all that follow.
  if (today.getTime() > Date.now()) throw new CannotStart('today must not be in the future');
  await using undo = new AsyncDisposableStack();
  const open = async (url: string): Promise<Client> => undo.adopt(await connect(url), (client) => client.end());
  const users = await open(bank.databases.users.adminUrl);
  const ledger = await open(bank.databases.ledger.adminUrl);
  // One after the other: two at once would overwrite each other's passwords. It ends with the connection.
  await ledger.query('SELECT pg_advisory_lock($1)', [demoLock]);
  const notifications = await open(bank.databases.notifications.adminUrl);

  const api = createBankApi(bank.address);
  const teller = await signIn(api, await readTeller(bank.dataFolder));
  await requireSameBank(api, teller, users);
  const customers = await ensureCustomers(api, teller, bank.dataFolder);
  const story = tellStory({ seed, today });
  await registerEarlier(users, customers, story);
  const booked = await bookStory(ledger, story, customers, teller);
  if (booked) sayWhatIsBooked(booked, customers, say);
  await deliverEvents({
    ledger,
    notifications,
    scope: scopeOf(customers),
    inside: bank.inside,
    proof: bank.proof,
    today,
    say,
  });
  if (booked) await requireBalance(api, teller, booked);
  return { customers: customers.of, file: customers.file, isNew: booked !== undefined };
}

async function readTeller(dataFolder: string): Promise<Credentials> {
  return JSON.parse(await readFile(join(dataFolder, 'teller.json'), 'utf8')) as Credentials;
}

/** With DATABASE_URL of another bank, what the API registers and what we write would be strangers. */
async function requireSameBank(api: BankApi, { userId, token }: Person, users: Client): Promise<void> {
  const { body } = await api.send({ method: 'GET', path: `/users/${userId}`, token: await token() });
  const { rows } = await users.query<{ registered_at: Date }>('SELECT registered_at FROM bank_user WHERE id = $1', [
    userId,
  ]);
  if (rows[0]?.registered_at.getTime() === Date.parse((body as User).registered_at)) return;
  throw new CannotStart('this PostgreSQL is not the one of the bank; set DATABASE_URL as the bank has it');
}

/** The API has registered them just now, and nobody opens an account before they are a customer. */
async function registerEarlier(users: Client, { of }: Customers, story: readonly Step[]): Promise<void> {
  const first = new Date(Math.min(...story.map(({ at }) => at)));
  await users.query(
    'UPDATE bank_user SET registered_at = $2, version = version + 1 WHERE id = ANY ($1) AND registered_at > $2',
    [Object.values(of).map(({ userId }) => userId), first],
  );
}

function sayWhatIsBooked(booked: readonly TransactionFacts[], { of }: Customers, say: (line: string) => void): void {
  for (const { name, userId } of Object.values(of)) {
    const own = booked.filter(({ entries }) => entries.some(({ user_id }) => user_id === userId));
    const accounts = own.filter(({ type, entries }) => type === 'opening' && entries.some((e) => e.user_id === userId));
    const [first, last] = [own[0], own.at(-1)].map((facts) => facts?.booked_at.slice(0, 10));
    say(
      `${name}: ${own.length} transactions on ${accounts.length === 1 ? '1 account' : `${accounts.length} accounts`}, ${first} to ${last}`,
    );
  }
}

/** As everybody sees it, through the API. */
async function requireBalance(api: BankApi, teller: Person, booked: readonly TransactionFacts[]): Promise<void> {
  const accounts = booked
    .filter(({ type }) => type === 'opening')
    .map(({ account_id: id, currency, entries }) => ({
      id,
      currency,
      userId: entries.find(({ account_id }) => account_id === id)?.user_id ?? 0,
    }));
  const differences = await checkBooks(api, { teller, customers: [], accounts }, []);
  if (differences.length > 0) throw new Error(`the books of the demo do not balance: ${differences.join('; ')}`);
}
