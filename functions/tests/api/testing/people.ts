// A bank with Alice, who has something to hide, and Mallory, who would like to see it.
import { expect } from 'vitest';
import { transactionCompleted } from '../../../../eventing/events/transaction-completed.ts';
import { send, type Seen } from './send.ts';
import { startWholeBank, type OpenBroker, type Person, type WholeBank } from './whole-bank.ts';

export type World = {
  bank: WholeBank;
  alice: Person;
  mallory: Person;
  /** Numbers by the name that request lines use for them: `<account>`, `<new transaction>`. */
  given: Record<string, () => string | number | Promise<string | number>>;
  /** Makes what a line names, and writes the numbers into it. */
  fill: (line: string) => Promise<string>;
  /** Sends a line with its `<…>` filled in. */
  ask: (line: string, token: string | undefined) => Promise<Seen>;
  /** The counts, once what was done before has been told to its customer, which happens by itself. */
  settled: () => Promise<Record<string, string>>;
};

/** Nothing of these is ever in an answer to anybody but Alice and the tellers. */
const secrets = ['Alice', 'alice@example.com', '7313.37', 'for alice only'];
export const alicesPassword = 'four unrelated words do';

export async function startWorld(openBroker?: OpenBroker): Promise<World> {
  const bank = await startWholeBank(openBroker);
  const alice = await bank.givenPerson('Alice', { password: alicesPassword });
  const mallory = await bank.givenPerson('Mallory');
  const bob = await bank.givenPerson('Bob', { password: alicesPassword });
  const account = await bank.givenAccount(alice, { balance: 7313.37 });
  const [savings, mallorysAccount, bobsAccount] = [
    await bank.givenAccount(alice, { account_type: 'savings' }),
    await bank.givenAccount(mallory),
    await bank.givenAccount(bob),
  ];
  const newTransaction = async () => (await bank.givenDeposit(savings.id, 2, { description: 'for alice only' })).id;
  let people = 0;
  const given: World['given'] = {
    alice: () => alice.id,
    mallory: () => mallory.id,
    account: () => account.id,
    "mallory's account": () => mallorysAccount.id,
    "bob's account": () => bobsAccount.id,
    now: () => new Date().toISOString(),
    'new email': () => `somebody${++people}@example.com`,
    'new name': () => `Person${++people}`,
    'new user': async () => (await bank.givenPerson(`Leaver${++people}`)).id,
    'new passkey': () => passkeyOf(bank, alice),
    'new empty account': async () => (await bank.givenAccount(alice)).id,
    'new frozen account': async () => frozenAccountOf(bank, (await bank.givenAccount(alice)).id),
    'new transaction': newTransaction,
    'new dead letter': async () => deadLetterOf(bank, crypto.randomUUID()),
    'new audit entries': async () => auditEntriesOf(bank),
    'new session': async () => sessionOf(bank, alice),
    'new notification': async () => notificationOf(bank, await newTransaction()),
  };
  await newTransaction();

  return {
    bank,
    alice,
    mallory,
    given,
    fill: (line) => fill(line, given),
    async ask(line, token) {
      return send(`${bank.origin}/api`, await fill(line, given), { token });
    },
    async settled() {
      await bank.environment.handOver.drained();
      return bank.snapshot();
    },
  };
}

/** Every answer tells what it is about, and none tells Mallory about Alice. */
export function expectNoSecrets({ text }: Seen): void {
  for (const secret of secrets) expect(text).not.toContain(secret);
}

/** Every list answers a teller, and there is no more and no less of anything than there was. */
export async function expectUntouched(world: World, before: Record<string, string>): Promise<void> {
  const lists = [...world.bank.routes].filter(([, { query }]) => query && 'limit' in query.shape);
  expect(lists).not.toEqual([]);
  for (const [route] of lists) {
    const { status, body } = await world.ask(`${route}?limit=1000`, world.bank.teller.token);
    expect([route, status, Array.isArray(body)]).toEqual([route, 200, true]);
  }
  expect(await world.settled()).toEqual(before);
}

async function fill(line: string, given: World['given']): Promise<string> {
  let filled = line;
  for (const [placeholder, name = ''] of line.matchAll(/<([^>]+)>/g)) {
    const make = given[name];
    if (!make) throw new Error(`nothing is called ${placeholder} here`);
    filled = filled.replace(placeholder, String(await make()));
  }
  return filled;
}

async function sessionOf(bank: WholeBank, { id }: Person): Promise<string> {
  const sessionId = crypto.randomUUID();
  await bank.tokenFor({ userId: id, sessionId });
  return sessionId;
}

/** The id of the notification of a transaction, once the broker has brought it. */
async function notificationOf(bank: WholeBank, transactionId: number): Promise<number> {
  const find = () =>
    bank.admin.notifications.query<{ id: string }>('SELECT id FROM notification WHERE transaction_id = $1', [
      transactionId,
    ]);
  await expect.poll(async () => (await find()).rowCount, { interval: 5, timeout: 5_000 }).toBe(1);
  return Number((await find()).rows[0]?.id);
}

async function frozenAccountOf({ request, teller }: WholeBank, id: number): Promise<number> {
  await request('POST', `/accounts/${id}/freeze`, { token: teller.token, body: { reason: 'for a test' } });
  return id;
}

/** One in each context's audit trail. */
async function auditEntriesOf({ admin }: WholeBank): Promise<number> {
  for (const pool of Object.values(admin)) {
    await pool.query(
      `INSERT INTO audit_entry (act, actor_role, subject, trace_id) VALUES ('user.removed', 'anonymous', 'users/0', '')`,
    );
  }
  return 1;
}

/** One that nobody has the private half of. */
async function passkeyOf(bank: WholeBank, { id }: Person): Promise<string> {
  const { rows } = await bank.admin.users.query<{ id: string }>(
    `INSERT INTO passkey (user_id, credential_id, user_handle, site, public_key, sign_count, transports, name, synced)
     VALUES ($1, uuid_send(uuidv7()), decode(repeat('00', 32), 'hex'), 'localhost', 'x', 0, '{}', 'for alice only', false)
     RETURNING id`,
    [id],
  );
  return rows[0]?.id ?? '';
}

/** The id of a dead letter that its consumer would take now. */
async function deadLetterOf(bank: WholeBank, eventId: string): Promise<number> {
  const { type, example } = transactionCompleted;
  // About a transaction that concerns no customer: nobody is told.
  const data = { ...example, entries: example.entries.map((entry) => ({ ...entry, user_id: null })) };
  const event = { specversion: '1.0', id: eventId, source: '/test', type, data };
  const { rows } = await bank.admin.notifications.query<{ id: string }>(
    `INSERT INTO dead_letter (source, event_id, type, event, destination, received_at, last_received_at, verified)
     VALUES ('/test', $1, $2, $3, 'http://notify.microbank.svc.cluster.local/', now(), now(), true) RETURNING id`,
    [eventId, type, JSON.stringify(event)],
  );
  return Number(rows[0]?.id);
}
