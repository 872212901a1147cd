// Events that the original system lost, doubled or invented (S15 to S21), over the real triggers and the in-process broker.
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Broker } from '../../eventing/broker/broker.ts';
import { startInProcessBroker } from '../../eventing/broker/in-process.ts';
import { toBinaryMessage } from '../../eventing/events/cloudevent.ts';
import { givenEvent, until } from '../../eventing/testing/given-event.ts';
import { triggersFolder } from '../../platform/local/settings.ts';
import type { Notification } from '../shared/contract/notification.ts';
import { startFunctionProcess } from '../shared/testing/harness.ts';
import type { Transaction } from '../shared/contract/transaction.ts';
import { atOnce, givenLedgerBank, sendTo, tally, type LedgerBank } from './testing/bank.ts';
import { givenGate, type Gate } from './testing/gate.ts';
import { platformProof } from '../shared/testing/issuer.ts';

let here: LedgerBank;
let broker: Broker;
let brokerGate: Gate;
/** Where the broker finds notify; a test may put another copy there. */
let notifyUrl: string;
/** What happens while the broker waits before it tries a delivery again. */
let beforeRetry: () => Promise<void>;

beforeAll(async () => {
  broker = await startInProcessBroker({
    platformProof,
    triggersFolder,
    log: pino({ level: 'silent' }),
    resolveSubscriber: (name, uri = '/') => (name === 'notify' ? notifyUrl : `${here.bank.origin}/${name}`) + uri,
    sleep: () => beforeRetry(),
  });
  brokerGate = await givenGate(broker.url);
  here = await givenLedgerBank({ brokerUrl: brokerGate.url });
});
afterAll(() => broker.close());
beforeEach(() => {
  notifyUrl = `${here.bank.origin}/notify`;
  beforeRetry = async () => {};
});

const deposit = (account_id: number, amount: number) =>
  here.bank.request<Transaction>('POST', '/deposits', { token: here.teller, body: { account_id, amount } });

/** What somebody was told, oldest first; everything that was committed before is handed over or given up by then. */
async function toldTo(user_id: number): Promise<Notification[]> {
  await here.bank.environment.handOver.drained();
  const path = `/notifications?limit=1000&user_id=${user_id}`;
  return (await here.bank.request<Notification[]>('GET', path, { token: here.teller })).body.toReversed();
}

async function owed(): Promise<number> {
  await here.bank.environment.handOver.drained();
  const { rows } = await here.admin.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM outbox WHERE handed_over_at IS NULL',
  );
  return rows[0]!.n;
}

/** A tick of the relay, as if the time for which a new event is its writer's had passed. */
async function sweep(): Promise<void> {
  await here.admin.query(`UPDATE outbox SET next_attempt_at = now() - interval '1 s' WHERE handed_over_at IS NULL`);
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': 'tick',
    'ce-source': '/tick',
    'ce-type': 'dev.knative.sources.ping',
  };
  const { status } = await here.bank.deliver('POST', '/relay/', { headers });
  expect(status).toBe(204);
}

test('S15: 200 concurrent deposits are told 200 times, each transaction once', async () => {
  const { id, user_id } = await here.givenAccount();
  const answers = await atOnce(200, () => deposit(id, 1));

  const told = await toldTo(user_id);
  expect(tally(told.map(({ kind }) => kind))).toEqual({ account_opened: 1, deposit: 200 });
  const deposits = told.filter(({ kind }) => kind === 'deposit').map(({ transaction_id }) => transaction_id);
  expect(new Set(deposits)).toEqual(new Set(answers.map(({ body }) => body.id)));
  expect(await owed()).toBe(0);
});

test('S16: with the broker away a deposit goes through, its event is kept, and the relay hands it over later', async () => {
  const { id, user_id } = await here.givenAccount();
  expect(await toldTo(user_id)).toHaveLength(1);
  await brokerGate.shut();
  try {
    expect((await deposit(id, 500)).status).toBe(201);
    expect(await toldTo(user_id)).toHaveLength(1);
    await sweep();
    expect(await owed()).toBe(1);
  } finally {
    await brokerGate.open();
  }

  await sweep();
  expect((await toldTo(user_id)).at(-1)?.message).toBe('Deposit of $500.00 completed. New balance: $500.00');
  expect(await owed()).toBe(0);
});

test('S16: a copy that dies after the broker took its event, but before it knows, makes no second notification', async () => {
  const { id, user_id } = await here.givenAccount();
  const gate = await givenGate(broker.url);
  const env = { DATABASE_URL: here.databases.ledger.url, BROKER_URL: gate.url };
  const doomed = await startFunctionProcess('deposit', env, { issuer: here.issuer });
  gate.holdAnswers();
  const { body } = await sendTo(doomed, 'deposit', here.teller)({ account_id: id, amount: 5 });
  await until(async () => (await toldTo(user_id)).length === 2, 'the deposit to be told');
  await doomed.kill('SIGKILL');

  expect(await owed()).toBe(1);
  await sweep();
  expect(await owed()).toBe(0);
  expect((await toldTo(user_id)).map(({ transaction_id }) => transaction_id).slice(1)).toEqual([body.id]);
});

test('S18: a consumer that cannot reach its database applies the event when it can', async () => {
  const gate = await givenGate(here.databases.notifications.url);
  await gate.shut();
  const notify = await startFunctionProcess('notify', { DATABASE_URL: gate.url }, { issuer: here.issuer });
  notifyUrl = notify.url;
  let opened: Promise<void> | undefined;
  beforeRetry = () => (opened ??= gate.open());

  const { user_id } = await here.givenAccount({ balance: 10 });
  expect(await toldTo(user_id)).toMatchObject([{ kind: 'account_opened' }]);
  expect(opened).toBeDefined();
  expect(await owed()).toBe(0);
});

test('S19: a poison event becomes a dead letter, and the events after it are told', async () => {
  const poison = givenEvent(undefined, { data: { transaction_id: 'none' } });
  const { status } = await fetch(broker.url, { method: 'POST', ...toBinaryMessage(poison) });
  expect(status).toBe(202);

  const letters = await here.bank.environment.notifications.pool.query<{ event_id: string; destination: string }>(
    'SELECT event_id, destination FROM dead_letter',
  );
  expect(letters.rows).toEqual([{ event_id: poison.id, destination: `${notifyUrl}/` }]);
  const { user_id } = await here.givenAccount();
  expect(await toldTo(user_id)).toHaveLength(1);
});

test('S20: the same event delivered twenty times at once notifies once', async () => {
  const { id, user_id } = await here.givenAccount();
  const event = givenEvent(undefined, { data: transactionOf(id, user_id) });
  const message = toBinaryMessage(event, here.bank.environment.voiceOf('ledger').signNow(event));
  const answers = await atOnce(20, () => fetch(broker.url, { method: 'POST', ...message }));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(tally((await toldTo(user_id)).map(({ kind }) => kind))).toEqual({ account_opened: 1, deposit: 1 });
});

test('S21: a receiver is told of money that is there, by its transaction, and never of a refused transfer', async () => {
  const [from, to] = [await here.givenAccount({ balance: 10 }), await here.givenAccount()];
  const transfer = (amount: number) =>
    here.bank.request<Transaction>('POST', '/transfers', {
      token: here.teller,
      body: { account_id: from.id, target_account_id: to.id, amount },
    });
  expect((await transfer(11)).status).toBe(422);
  const { body } = await transfer(10);

  const message = `Received transfer of $10.00 from account ${from.id}. New balance: $10.00`;
  expect((await toldTo(to.user_id)).slice(1)).toMatchObject([
    { kind: 'transfer_in', transaction_id: body.id, account_id: to.id, message },
  ]);
  expect((await toldTo(from.user_id)).slice(1)).toMatchObject([{ kind: 'transfer_out', transaction_id: body.id }]);
});

function transactionOf(account_id: number, user_id: number) {
  const example = givenEvent().data as { entries: object[] };
  const [cash, customer] = example.entries;
  return { ...example, account_id, entries: [cash, { ...customer, account_id, user_id }] };
}
