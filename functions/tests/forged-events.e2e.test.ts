// Events, questions, ticks and dead letters of somebody who only reaches the bank: at every function's root and through both brokers they
// change nothing, and are counted.
import { beforeAll, describe, expect, test } from 'vitest';
import { startAmqpBroker } from '../../eventing/broker/amqp.ts';
import { startInProcessBroker } from '../../eventing/broker/in-process.ts';
import { accountClosed } from '../../eventing/events/account-closed.ts';
import { accountOpened } from '../../eventing/events/account-opened.ts';
import { cloudEventAttributes, toBinaryMessage, toStructuredMessage } from '../../eventing/events/cloudevent.ts';
import { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import { receipts, receiptsPruning, relayStatus } from '../../eventing/outbox/questions.ts';
import type { OutboxEvent } from '../../eventing/outbox/outbox-event.ts';
import { proofPath } from '../../eventing/signing/platform-proof.ts';
import type { Speaker } from '../../eventing/signing/speakers.ts';
import { createVoice, type SigningKey } from '../../eventing/signing/voice.ts';
import { givenRabbitMq } from '../../eventing/testing/amqp-broker.ts';
import { givenEvent } from '../../eventing/testing/given-event.ts';
import { makeEventKeys } from '../../platform/local/event-keys.ts';
import { payeeQuestion } from '../shared/questions/payee.ts';
import { userRelease } from '../shared/questions/user-release.ts';
import type { RequestParts } from '../shared/testing/request.ts';
import { vouch } from '../shared/testing/speak.ts';
import { startWorld, type World } from './api/testing/people.ts';
import type { OpenBroker } from './api/testing/whole-bank.ts';

const strangers = await makeEventKeys();
const strangersKey = (speaker: Speaker): SigningKey => strangers.find((key) => key.speaker === speaker) as SigningKey;

/** What a forger says, of every kind that some function applies: it would be told to Mallory as a million. */
const facts = [transactionCompleted, accountOpened, accountClosed].map(({ type, example }) => ({
  type,
  source:
    type === transactionCompleted.type
      ? '/microbank/deposit'
      : `/microbank/${type.endsWith('opened') ? 'open' : 'close'}-account`,
  data: JSON.parse(JSON.stringify(example).replaceAll(/"user_id":\d+/g, '"user_id":2')) as unknown,
}));

type Forgery = (event: OutboxEvent, keyOf: (speaker: Speaker) => SigningKey) => RequestParts;
const signedBy = (key: SigningKey, event: OutboxEvent): string => createVoice(key).signNow(event);
const forgeries: [what: string, forge: Forgery][] = [
  ['unsigned', (event) => toBinaryMessage(event)],
  ['unsigned, as one JSON', (event) => toStructuredMessage(event)],
  ['with a text for a signature', (event) => toBinaryMessage(event, 'signed.by.me')],
  ['signed with a key of his own', (event) => toBinaryMessage(event, signedBy(strangersKey('ledger'), event))],
  [
    'signed with his key under the name of ours',
    (event, keyOf) => {
      const { kid } = keyOf('ledger');
      return toBinaryMessage(event, signedBy({ ...strangersKey('ledger'), kid }, event));
    },
  ],
  ['signed by another context', (event, keyOf) => toBinaryMessage(event, signedBy(keyOf('users'), event))],
  [
    'signed by a function that only asks',
    (event, keyOf) => toStructuredMessage(event, signedBy(keyOf('find-payee'), event)),
  ],
  [
    'an honest one under another id',
    (event, keyOf) => toBinaryMessage({ ...event, id: crypto.randomUUID() }, signedBy(keyOf('ledger'), event)),
  ],
  [
    'an honest one with other data',
    (event, keyOf) => {
      const data = { ...(event.data as object), occurred_at: '2001-01-01T00:00:00Z' };
      return toStructuredMessage({ ...event, data }, signedBy(keyOf('ledger'), event));
    },
  ],
  [
    'an honest one with another attribute',
    (event, keyOf) => toBinaryMessage({ ...event, subject: 'accounts/1' }, signedBy(keyOf('ledger'), event)),
  ],
  [
    'an honest one with an attribute more',
    (event, keyOf) => {
      const { headers, body } = toBinaryMessage(event, signedBy(keyOf('ledger'), event));
      return { headers: { ...headers, 'ce-priority': '1' }, body };
    },
  ],
  [
    'an honest one as another type',
    (event, keyOf) => {
      const other = facts.find(({ type }) => type !== event.type)!;
      return toBinaryMessage({ ...event, type: other.type }, signedBy(keyOf('ledger'), event));
    },
  ],
];

const rabbit = givenRabbitMq();
const noWait = { sleep: async () => {} };
const brokers: [string, OpenBroker][] = [
  ['in the process', (settings) => startInProcessBroker({ ...settings, ...noWait })],
  ['on RabbitMQ', (settings) => startAmqpBroker({ ...settings, ...noWait, url: rabbit.url })],
];

describe.each(brokers)('with the broker %s', (_where, openBroker) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(openBroker);
  }, 90_000);
  const keyOf = (speaker: Speaker): SigningKey =>
    world.bank.issuer.eventSigningKeys.find((key) => key.speaker === speaker) as SigningKey;
  const refused = (): number =>
    Object.values(world.bank.environment.hearing.refused).reduce((sum, count) => sum + count, 0);
  const letters = async (verified: boolean): Promise<number> =>
    (await world.bank.admin.notifications.query('SELECT FROM dead_letter WHERE verified = $1', [verified])).rowCount ??
    0;
  /** Everything that must not change: also receipts, which would keep the honest event out. */
  const state = async (): Promise<Record<string, unknown>> => ({
    ...(await world.bank.snapshot()),
    inbox: (await world.bank.admin.notifications.query('SELECT FROM inbox')).rowCount,
    released: (await world.bank.admin.ledger.query('SELECT FROM released_user')).rowCount,
    letters: await letters(true),
  });
  const quiet = async (): Promise<void> => {
    await world.bank.environment.handOver.drained();
    const owed = () => world.bank.admin.notifications.query('SELECT count(*)::int AS told FROM inbox');
    let before = -1;
    await expect
      .poll(
        async () => {
          const { told } = (await owed()).rows[0] as { told: number };
          const isQuiet = told === before;
          before = told;
          return isQuiet;
        },
        { interval: 200 },
      )
      .toBe(true);
  };

  const rows = forgeries.flatMap(([what, forge]) => facts.map((fact) => [fact.type, what, fact, forge] as const));
  test.each(rows)('%s %s changes nothing at any root, and is counted', async (_type, _what, fact, forge) => {
    await quiet();
    const [before, refusedBefore] = [await state(), refused()];
    const message = forge(givenEvent(undefined, fact), keyOf);
    const notified = await world.bank.reach<{ code: string }>('POST', '/notify/', message);
    expect([notified.status, notified.body.code]).toEqual([500, 'signature_invalid']);
    for (const { name } of world.bank.contracts) {
      const { status } = await world.bank.reach('POST', `/${name}/`, message);
      expect(status, name).toBeGreaterThanOrEqual(400);
    }
    expect(refused()).toBeGreaterThan(refusedBefore);
    expect(await state()).toEqual(before);
  });

  test.each(rows.filter(([type]) => type === transactionCompleted.type))(
    '%s %s ends apart, when the broker brings it',
    async (_type, _what, fact, forge) => {
      await quiet();
      const [before, apart] = [await state(), await letters(false)];
      const { headers, body } = forge(givenEvent(undefined, fact), keyOf);
      const { status } = await fetch(world.bank.environment.config.brokerUrl as string, {
        method: 'POST',
        headers: headers as Record<string, string>,
        body: body as string,
      });
      expect(status).toBe(202);
      await expect.poll(() => letters(false), { timeout: 10_000 }).toBe(apart + 1);
      expect(await state()).toEqual(before);
    },
  );

  test('a forged copy of an event that is on its way does not keep the honest one out', async () => {
    const event = givenEvent(undefined, facts[0]);
    const post = (message: RequestParts) => world.bank.reach('POST', '/notify/', message);
    await post(toBinaryMessage({ ...event, data: { ...(event.data as object), transaction_id: 9 } }, 'forged'));
    const honest = toBinaryMessage(event, signedBy(keyOf('ledger'), event));
    expect((await post(honest)).status).toBe(204);
    expect((await post(toBinaryMessage(event))).status).toBe(500);
    const query = 'SELECT FROM notification WHERE event_id = $1';
    expect((await world.bank.admin.notifications.query(query, [event.id])).rowCount).toBe(1);
  });

  test('the same signature is good for every form of the event, also when a broker has written its time anew', async () => {
    for (const change of [{}, { 'ce-time': '2026-11-22T10:17:00Z' }]) {
      const event = givenEvent(undefined, facts[0]);
      const { headers, body } = toBinaryMessage(event, signedBy(keyOf('ledger'), event));
      expect((await world.bank.reach('POST', '/notify/', { headers: { ...headers, ...change }, body })).status).toBe(
        204,
      );
    }
    const event = givenEvent(undefined, facts[0]);
    const signature = signedBy(keyOf('ledger'), event);
    const json = JSON.stringify({ ...cloudEventAttributes(event), signature, data: event.data });
    const headers = { 'content-type': 'application/cloudevents+json' };
    expect((await world.bank.reach('POST', '/notify/', { headers, body: json })).status).toBe(204);
  });

  const questions: [name: string, type: string, data: object, asker: Speaker][] = [
    ['read-users', payeeQuestion.requested, { email: 'alice@example.com' }, 'find-payee'],
    ['read-users', 'com.microbank.user.requested', { user_id: 1 }, 'ledger'],
    ['close-account', userRelease.requested, { user_id: 9_999 }, 'users'],
    ['notify', receipts.requested, { events: [] }, 'ledger'],
    ['notify', receiptsPruning.requested, { sources: ['/a'], before: '2020-01-01T00:00:00Z' }, 'users'],
    ['relay', relayStatus.requested, {}, 'operations'],
  ];
  test.each(questions)('%s answers %s to nobody without a token of who may ask', async (name, type, data, asker) => {
    const { bank, alice } = world;
    const [before, refusedBefore] = [await state(), refused()];
    const headers = { 'content-type': 'application/cloudevents+json' };
    const body = { specversion: '1.0', id: crypto.randomUUID(), source: '/microbank/relay', type, data };
    const ask = (authorization?: string) =>
      bank.reach<{ code: string }>('POST', `/${name}/`, {
        body,
        headers: { ...headers, ...(authorization && { authorization }) },
      });
    const speech = { ...bank.issuer, eventSigningKeys: bank.issuer.eventSigningKeys };
    const stranger = { ...bank.issuer, eventSigningKeys: strangers };
    const wrong = (['users', 'ledger', 'find-payee', 'operations'] as const).find(
      (speaker) => speaker !== asker && !(type.includes('receipts') && ['users', 'ledger'].includes(speaker)),
    )!;
    const forged = [
      undefined,
      'Bearer nonsense',
      `Bearer ${alice.token}`,
      `Bearer ${bank.teller.token}`,
      `Bearer ${vouch(stranger, asker, type, name)}`,
      `Bearer ${vouch(speech, wrong, type, name)}`,
      `Bearer ${vouch(speech, asker, type, name === 'notify' ? 'read-users' : 'notify')}`,
      `Bearer ${vouch(speech, asker, 'com.microbank.other.requested', name)}`,
      `Bearer ${vouch(speech, asker, type, name, new Date(Date.now() - 120_000))}`,
    ];
    for (const authorization of forged) {
      const answer = await ask(authorization);
      expect([answer.status, answer.body.code], authorization).toEqual([401, 'unauthenticated']);
    }
    expect(refused()).toBe(refusedBefore + forged.length);
    expect(await state()).toEqual(before);
    expect((await ask(`Bearer ${vouch(speech, asker, type, name)}`)).status).toBe(200);
  });

  test('ticks and dead letters come from the platform only', async () => {
    const { bank } = world;
    const [before, apart, refusedBefore] = [await state(), await letters(false), refused()];
    const tick = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/ping', 'ce-type': 'dev.knative.sources.ping' };
    const { headers, body } = toBinaryMessage(givenEvent(), 'forged');
    const letter = { headers: { ...headers, 'ce-knativeerrordest': 'http://notify/' }, body };
    for (const path of ['/', proofPath('guessed'), proofPath(''), proofPath('PLATFORM_PROOF')]) {
      for (const [name, parts] of [
        ['relay', { headers: tick, body: {} }],
        ['dead-letter', letter],
      ] as const) {
        const answer = await bank.reach<{ code: string }>('POST', `/${name}${path}`, parts);
        expect([answer.status, answer.body.code], name + path).toEqual([401, 'unauthenticated']);
      }
    }
    expect(refused()).toBe(refusedBefore + 8);
    expect([await state(), await letters(false)]).toEqual([before, apart]);

    const proof = proofPath(bank.issuer.platformProof);
    expect((await bank.reach('POST', `/relay${proof}`, { headers: tick, body: {} })).status).toBe(204);
    expect((await bank.reach('POST', `/dead-letter${proof}`, letter)).status).toBe(204);
    expect(await letters(false)).toBe(apart + 1);
    // The proof is good for what the platform sends, and for nothing else.
    const fact = toBinaryMessage(givenEvent(undefined, facts[0]));
    expect((await bank.reach('POST', `/notify${proof}`, fact)).status).toBe(500);
  });

  test('Prometheus is told of those that were refused, by reason', async () => {
    const text = await (await fetch(`${world.bank.origin}/notify/metrics`)).text();
    for (const reason of ['signature_missing', 'signature_wrong', 'key_unknown', 'speaker_not_allowed', 'proof_wrong'])
      expect(text).toMatch(new RegExp(`microbank_signatures_refused_total\\{reason="${reason}"\\} [1-9]`));
  });

  test('keys are changed under load, and nothing is lost: every deposit is told once', async () => {
    const { bank, alice } = world;
    const account = await bank.givenAccount(alice);
    const told = async (): Promise<number> =>
      (
        await bank.admin.notifications.query(`SELECT FROM notification WHERE account_id = $1 AND kind = 'deposit'`, [
          account.id,
        ])
      ).rowCount ?? 0;
    const [next] = (await makeEventKeys()).filter(({ speaker }) => speaker === 'ledger');
    const voice = createVoice(next as SigningKey);
    const own = bank.environment.voiceOf('ledger');
    const before = own.sign;
    let sent = 0;
    const load = async (count: number): Promise<void> => {
      await Promise.all(Array.from({ length: count }, () => bank.givenDeposit(account.id, 1)));
      sent += count;
    };
    await load(30);
    // Published first, and known to the consumer before it signs: one that has just asked about a stranger's key asks again after two
    // seconds, and this broker does not wait between its tries.
    bank.issuer.publishAlso([next!]);
    const probe = { ...givenEvent(undefined, facts[0]), data: { ...(facts[0]!.data as object), entries: [] } };
    const message = toBinaryMessage(probe, voice.signNow(probe));
    await expect
      .poll(async () => (await bank.reach('POST', '/notify/', message)).body ?? {}, { timeout: 10_000, interval: 250 })
      .not.toMatchObject({ code: 'signature_invalid' });
    const loading = load(60);
    own.sign = voice.sign;
    await loading;
    await load(30);
    own.sign = before;
    await bank.environment.handOver.drained();
    await expect.poll(told, { timeout: 20_000 }).toBe(sent);
    expect(await letters(true)).toBe(0);
  }, 60_000);
});
