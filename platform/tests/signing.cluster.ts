// Who may speak to functions, with the real Broker: what is signed passes it, what is forged changes nothing, and keys change under load.
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { toBinaryMessage, toStructuredMessage, type EventMessage } from '../../eventing/events/cloudevent.ts';
import { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import type { OutboxEvent } from '../../eventing/outbox/outbox-event.ts';
import { createVoice, type SigningKey } from '../../eventing/signing/voice.ts';
import type { Notification } from '../../functions/shared/contract/notification.ts';
import type { DeadLetter } from '../../functions/operations/contract.ts';
import { makeEventKeys } from '../local/event-keys.ts';
import { findBank, firstTeller, kindFolder, nothingOwed, type TestedBank } from './testing/bank.ts';
import { note, seconds } from './testing/figures.ts';
import { applyYaml, execNode, kubectl, list, namespace, portForward, secret, type Listed } from './testing/kubectl.ts';
import { describe, underLoad } from './testing/load.ts';
import { runScript } from './testing/run-script.ts';

const rotate = join(kindFolder, 'rotate-event-keys.sh');
const prove = join(kindFolder, '../argocd/prove.sh');
/** Five tries of the Trigger, of the function's start and of its dead letter's dispatcher. */
const patienceMs = 180_000;

const keyOf = async (speaker: string): Promise<SigningKey> =>
  JSON.parse((await secret(`event-key-${speaker}`))['EVENT_SIGNING_KEY'] ?? '') as SigningKey;

/** Null: of a transaction that no customer is told of. */
function forgery(userId: number | null): OutboxEvent {
  const data = structuredClone(transactionCompleted.example);
  for (const entry of data.entries) if (entry.user_id !== null) entry.user_id = userId;
  return {
    id: crypto.randomUUID(),
    type: transactionCompleted.type,
    source: '/microbank/deposit',
    subject: 'transactions/2',
    time: new Date().toISOString(),
    data,
    partitionkey: '7',
    sequence: '00000000000000000002',
    traceparent: null,
  };
}

async function get<T>({ api, teller }: TestedBank, path: string): Promise<T> {
  const { status, body } = await api.send({ method: 'GET', path, token: await teller.token() });
  expect(status, path).toBe(200);
  return body as T;
}

const lettersApart = (bank: TestedBank) =>
  get<DeadLetter[]>(bank, '/operations/dead-letters?verified=false&limit=1000');
const letters = (bank: TestedBank) => get<DeadLetter[]>(bank, '/operations/dead-letters?limit=1000');

/** Fetch gives its own Host, and at Kourier the host is the function. */
async function postTo(url: string, host: string, path: string, { headers, body }: EventMessage): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(path, url), { method: 'POST', headers: { ...headers, host } }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject).end(body);
  });
}

/** How many signatures the copies of a function that run have refused. */
async function refusalsCounted(name: string): Promise<number> {
  const script = `fetch('http://127.0.0.1:8080/metrics').then((r) => r.text()).then((text) => process.stdout.write(text))`;
  let counted = 0;
  for (const { metadata, status } of await list('pod', `serving.knative.dev/service=${name}`)) {
    if (status?.['phase'] !== 'Running' || metadata.deletionTimestamp !== undefined) continue;
    const text = await execNode(metadata.name, 'user-container', script);
    for (const [, value] of text.matchAll(/^microbank_signatures_refused_total\{[^}]*\} (\d+)$/gm))
      counted += Number(value);
  }
  return counted;
}

test('what is forged changes nothing, by the Broker or at a function’s root, and is kept apart', async () => {
  const bank = await findBank();
  const { email } = await firstTeller();
  const [{ id: teller } = { id: 0 }] = await get<{ id: number }[]>(bank, `/users?email=${encodeURIComponent(email)}`);
  const [forgers] = (await makeEventKeys()).filter(({ speaker }) => speaker === 'ledger');
  const ledger = await keyOf('ledger');
  const before = {
    letters: (await letters(bank)).length,
    apart: new Set((await lettersApart(bank)).map(({ id }) => id)),
  };
  const signed = (key: SigningKey, event: OutboxEvent) => createVoice(key).signNow(event);

  const forgeries: EventMessage[] = [];
  const ids: string[] = [];
  const forge = (make: (event: OutboxEvent) => EventMessage) => {
    const event = forgery(teller);
    ids.push(event.id);
    forgeries.push(make(event));
  };
  forge((event) => toBinaryMessage(event));
  forge((event) => toStructuredMessage(event, signed(forgers as SigningKey, event)));
  forge((event) => toBinaryMessage(event, signed({ ...(forgers as SigningKey), kid: ledger.kid }, event)));
  const users = await keyOf('users');
  forge((event) => toBinaryMessage(event, signed(users, event)));
  forge((event) => toBinaryMessage(event, signed(ledger, { ...event, id: crypto.randomUUID() })));
  forge((event) => toStructuredMessage({ ...event, subject: 'transactions/9' }, signed(ledger, event)));

  await using broker = await portForward('bank-broker-ingress', 80);
  for (const { headers, body } of forgeries)
    expect((await fetch(broker.url, { method: 'POST', headers, body })).status).toBe(202);
  await using kourier = await portForward('kourier-internal', 80, 'kourier-system');
  const root = (name: string, message: EventMessage, path = '/') =>
    postTo(kourier.url, `${name}.microbank.svc.cluster.local`, path, message);
  for (const message of forgeries) expect(await root('notify', message)).toBe(500);
  expect(await refusalsCounted('notify')).toBeGreaterThanOrEqual(forgeries.length);

  const ask = (type: string, data: object): EventMessage => ({
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({ specversion: '1.0', id: '1', source: '/microbank/relay', type, data }),
  });
  expect(await root('read-users', ask('com.microbank.payee.requested', { email: 'teller@microbank.example' }))).toBe(
    401,
  );
  expect(await root('close-account', ask('com.microbank.user.release.requested', { user_id: 999_999 }))).toBe(401);
  expect(await root('relay-ledger', ask('dev.knative.sources.ping', {}))).toBe(401);
  expect(await root('relay-ledger', ask('dev.knative.sources.ping', {}), '/platform/PLATFORM_PROOF')).toBe(401);
  expect(await root('dead-letter', forgeries[0] as EventMessage)).toBe(401);

  const began = performance.now();
  await expect
    .poll(
      async () =>
        (await lettersApart(bank))
          .filter(({ id }) => !before.apart.has(id))
          .map(({ event_id }) => event_id)
          .sort(),
      {
        timeout: patienceMs,
        interval: 3_000,
      },
    )
    .toEqual([...ids].sort());
  expect((await letters(bank)).length).toBe(before.letters);
  const told = await get<Notification[]>(bank, `/notifications?user_id=${teller}&limit=1000`);
  expect(told.filter(({ transaction_id }) => transaction_id === transactionCompleted.example.transaction_id)).toEqual(
    [],
  );
  await note(
    'signing',
    'forged events kept apart',
    `${ids.length} of ${ids.length} after ${seconds(performance.now() - began)}`,
  );
});

test('keys change under load, and no event is lost nor refused', async () => {
  const bank = await findBank();
  const before = { letters: (await letters(bank)).length, apart: (await lettersApart(bank)).length };
  const kids = new Set([(await keyOf('ledger')).kid, (await keyOf('users')).kid]);
  const loaded = await underLoad({ rate: 4, seconds: 90 }, async () => {
    await runScript(rotate);
  });
  await note('signing', 'keys changed under load', `${describe(loaded)}${loaded.reasons && `; ${loaded.reasons}`}`);
  expect(loaded).toMatchObject({ failed: 0, differences: [] });
  expect(kids.has((await keyOf('ledger')).kid)).toBe(false);
  expect(kids.has((await keyOf('users')).kid)).toBe(false);
  expect({ letters: (await letters(bank)).length, apart: (await lettersApart(bank)).length }).toEqual(before);
});

test('a key that is withdrawn counts no more, and the new one does', async () => {
  const bank = await findBank();
  const withdrawn = await keyOf('ledger');
  await runScript(rotate, 'ledger');
  await runScript(rotate, '--withdraw');
  await using kourier = await portForward('kourier-internal', 80, 'kourier-system');
  const event = forgery(null);
  const post = (key: SigningKey) =>
    postTo(
      kourier.url,
      'notify.microbank.svc.cluster.local',
      '/',
      toBinaryMessage(event, createVoice(key).signNow(event)),
    );
  // The file reaches the edge within a minute or two, a running copy of notify within half a minute more.
  await expect.poll(() => post(withdrawn), { timeout: patienceMs, interval: 5_000 }).toBe(500);
  expect(await post(await keyOf('ledger'))).toBe(204);
  const owedSeconds = await nothingOwed(bank);
  await note('signing', 'after a withdrawal, until nothing was owed', `${owedSeconds.toFixed(0)} s`);
});

type ShowsProof = Listed & {
  spec: { delivery?: { deadLetterSink?: { uri?: string } }; sink?: { uri?: string } };
};
/** Where the platform shows its proof, by what shows it: the Broker, Triggers and sources. */
async function shownProofs(): Promise<Record<string, string | undefined>> {
  const shown: Record<string, string | undefined> = {};
  for (const kind of ['broker', 'trigger', 'pingsource'])
    for (const { metadata, spec } of await list<ShowsProof>(kind))
      shown[`${kind} ${metadata.name}`] = spec.sink?.uri ?? spec.delivery?.deadLetterSink?.uri;
  return shown;
}
const all = (shown: object, uri: string) => Object.fromEntries(Object.keys(shown).map((name) => [name, uri]));

test('the platform’s proof changes, and ticks and dead letters come as before', async () => {
  const bank = await findBank();
  const before = await secret('platform-proof');
  await runScript(rotate, '--platform-proof');
  const after = await secret('platform-proof');
  const [own = ''] = (before['PLATFORM_PROOF'] ?? '').split(',');
  const [fresh = '', ...others] = (after['PLATFORM_PROOF'] ?? '').split(',');
  expect(fresh).not.toBe(own);
  // The Broker's spec is immutable, so what it shows is believed as well.
  const { 'broker bank': brokers = '', ...shown } = await shownProofs();
  expect(others).toEqual([brokers.replace('/platform/', '')]);
  expect(shown).toEqual(all(shown, `/platform/${fresh}`));

  const event = forgery(null);
  await using broker = await portForward('bank-broker-ingress', 80);
  await fetch(broker.url, { method: 'POST', ...toBinaryMessage(event) });
  await expect.poll(() => isApart(bank, event), { timeout: patienceMs, interval: 3_000 }).toBe(true);

  // A tick that is refused leaves no line of a relay; one that is taken wakes it, and it answers what it is asked.
  await sleep(65_000);
  const refused = await kubectl(
    'logs',
    '--selector',
    'serving.knative.dev/service=relay-ledger',
    '--container',
    'user-container',
    '--tail',
    '50',
  );
  expect(refused).not.toContain('"code":"unauthenticated"');
  expect(await nothingOwed(bank)).toBeLessThan(240);
});

const isApart = async (bank: TestedBank, { id }: OutboxEvent): Promise<boolean> =>
  (await lettersApart(bank)).some(({ event_id }) => event_id === id);

test('what the Broker gives up on for a Trigger without a delivery of its own is a dead letter as well', async () => {
  const bank = await findBank();
  const event = { ...forgery(null), type: `com.microbank.test.${crypto.randomUUID()}` };
  const trigger = {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: { name: 'without-delivery', namespace },
    spec: {
      broker: 'bank',
      filter: { attributes: { type: event.type } },
      // It takes no such event, and says so by a fault.
      subscriber: { ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'notify', namespace } },
    },
  };
  try {
    await applyYaml(JSON.stringify(trigger));
    await kubectl('wait', '--for=condition=Ready', '--timeout=120s', 'trigger/without-delivery');
    await using broker = await portForward('bank-broker-ingress', 80);
    expect((await fetch(broker.url, { method: 'POST', ...toBinaryMessage(event) })).status).toBe(202);
    await expect.poll(() => isApart(bank, event), { timeout: patienceMs, interval: 3_000 }).toBe(true);
  } finally {
    await kubectl('delete', 'trigger', 'without-delivery', '--ignore-not-found');
  }
});

test('prove.sh puts the proof where the placeholder stands, and changes nothing else', async () => {
  const shown = await shownProofs();
  const placeholder = '/platform/PLATFORM_PROOF';
  const sink = JSON.stringify({ spec: { delivery: { deadLetterSink: { uri: placeholder } } } });
  const source = JSON.stringify({ spec: { sink: { uri: placeholder } } });
  await kubectl('patch', 'trigger', 'command-transfer', '--type', 'merge', '--patch', sink);
  await kubectl('patch', 'pingsource', 'relay-users', '--type', 'merge', '--patch', source);
  const names = ['pingsource relay-users', 'trigger command-transfer'];
  expect((await runScript(prove)).trim().split('\n').sort()).toEqual(names);
  expect(await shownProofs()).toEqual(shown);
  expect(await runScript(prove)).toBe('');
});
