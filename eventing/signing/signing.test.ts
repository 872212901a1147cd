// What a signature holds together, whatever way an event comes, and what it does not let pass.
import { compactVerify, CompactSign, importJWK, type JWK } from 'jose';
import { expect, test } from 'vitest';
import type { SpeakerKey } from '../../functions/shared/process/config.ts';
import { makeEventKeys, publishedEventKeys } from '../../platform/local/event-keys.ts';
import { cloudEventAttributes } from '../events/cloudevent.ts';
import { givenEvent } from '../testing/given-event.ts';
import { createHearing, type Hearing } from './hearing.ts';
import { fixedKeys, type EventKeys } from './keys.ts';
import type { Speaker } from './speakers.ts';
import { createVoice, createVoices, eventsType, type SigningKey, type Voice } from './voice.ts';

const keys = await makeEventKeys();
const voices = createVoices(keys);
const voiceOf = (speaker: Speaker) => voices.get(speaker) as Voice;
const hearingWith = (known: EventKeys, now = () => new Date()): Hearing =>
  createHearing({ keys: known, platformProofs: ['a-proof', 'another-proof'], now });
const hearing = hearingWith(fixedKeys(publishedEventKeys(keys)));

const event = givenEvent();
const attributes = cloudEventAttributes(event);
const signature = voiceOf('ledger').signNow(event);
const fact = (changes: Record<string, string | undefined> = {}, data: unknown = event.data, heard = hearing) =>
  heard.fact({ ...attributes, signature, ...changes }, data);

const alike: [what: string, changes: Record<string, string | undefined>][] = [
  ['as it was sent', {}],
  ['with a time that a broker has written anew', { time: '2026-11-22T10:17:00Z' }],
  ['with the same moment in another zone', { time: '2026-11-22T11:17:00.000000+01:00' }],
  ['with a charset at its content type', { datacontenttype: 'Application/JSON; charset=utf-8' }],
  ['without its content type, which is JSON then', { datacontenttype: undefined }],
  ['with what a broker has added', { knativeerrorcode: '500', knativearrivaltime: 'now', tracestate: 'a=b' }],
  ['without its trace', { traceparent: undefined }],
];
test.each(alike)('an event passes %s', async (_what, changes) => {
  await expect(fact(changes)).resolves.toBeUndefined();
});

test('an event passes whose data have their fields in another order, and not one whose data are others', async () => {
  const data = event.data as Record<string, unknown>;
  await fact({}, Object.fromEntries(Object.entries(data).reverse()));
  for (const other of [{ ...data, transaction_id: 3 }, { ...data, more: 1 }, {}, null, undefined, JSON.stringify(data)])
    await expect(hearing.fact({ ...attributes, signature }, other)).rejects.toMatchObject({
      reason: 'signature_wrong',
    });
});

const other: [what: string, changes: Record<string, string | undefined>, reason: string][] = [
  ['is not signed', { signature: undefined }, 'signature_missing'],
  ['has an empty signature', { signature: '' }, 'signature_missing'],
  ['has no signature but a text', { signature: 'signed, honestly' }, 'signature_malformed'],
  ['has a signature of a mebibyte', { signature: 'a.'.repeat(500_000) }, 'signature_malformed'],
  ['has another id', { id: crypto.randomUUID() }, 'signature_wrong'],
  ['has another source', { source: '/microbank/withdraw' }, 'signature_wrong'],
  ['has another subject', { subject: 'transactions/3' }, 'signature_wrong'],
  ['has another type', { type: 'com.microbank.account.opened' }, 'signature_wrong'],
  ['has another time', { time: '2026-11-22T10:17:00.001Z' }, 'signature_wrong'],
  ['has another place in its order', { sequence: '00000000000000000003' }, 'signature_wrong'],
  ['has an attribute more', { priority: '1' }, 'signature_wrong'],
  ['has lost one', { partitionkey: undefined }, 'signature_wrong'],
  ['has another content type', { datacontenttype: 'text/plain' }, 'signature_wrong'],
];
test.each(other)('nobody is heard whose event %s', async (_what, changes, reason) => {
  const before = hearing.refused[reason as keyof Hearing['refused']];
  await expect(fact(changes)).rejects.toMatchObject({ name: 'Unheard', reason });
  expect(hearing.refused[reason as keyof Hearing['refused']]).toBe(before + 1);
});

test.each(['users', 'find-payee', 'operations'] as const)('%s does not speak for the ledger', async (speaker) => {
  await expect(fact({ signature: voiceOf(speaker).signNow(event) })).rejects.toMatchObject({
    reason: 'speaker_not_allowed',
  });
});

test('a key that is not published counts for nothing, nor does one of the same id', async () => {
  const [ledger] = (await makeEventKeys()).filter((key) => key.speaker === 'ledger') as [SigningKey];
  await expect(fact({ signature: createVoice(ledger).signNow(event) })).rejects.toMatchObject({
    reason: 'key_unknown',
  });
  const ours = keys.find((key) => key.speaker === 'ledger') as SigningKey;
  const forged = createVoice({ ...ledger, kid: ours.kid }).signNow(event);
  await expect(fact({ signature: forged })).rejects.toMatchObject({ reason: 'signature_wrong' });
});

test('a key that is no longer published counts no more, although it was verified with before', async () => {
  const published: { keys: EventKeys } = { keys: fixedKeys(publishedEventKeys(keys)) };
  const heard = hearingWith({ find: (kid) => published.keys.find(kid) });
  await fact({}, event.data, heard);
  published.keys = fixedKeys({ keys: [] });
  await expect(fact({}, event.data, heard)).rejects.toMatchObject({ reason: 'key_unknown' });
});

test('events that are signed in one turn share a signature, sixteen at most, and each passes with it alone', async () => {
  const events = Array.from({ length: 40 }, () => givenEvent());
  const signatures = await Promise.all(events.map((one) => voiceOf('ledger').sign(one)));
  expect(new Set(signatures).size).toBe(3);
  expect(Math.max(...signatures.map(({ length }) => length))).toBeLessThan(1_000);
  for (const [i, one] of events.entries()) {
    await hearing.fact({ ...cloudEventAttributes(one), signature: signatures[i] }, one.data);
    const neighbour = signatures[(i + 20) % 40];
    await expect(hearing.fact({ ...cloudEventAttributes(one), signature: neighbour }, one.data)).rejects.toMatchObject({
      reason: 'signature_wrong',
    });
  }
});

test('what jose verifies and signs is the same', async () => {
  const key = keys.find(({ speaker }) => speaker === 'ledger') as SpeakerKey;
  const { payload, protectedHeader } = await compactVerify(
    signature,
    await importJWK(publishedEventKeys([key]).keys[0] as JWK),
  );
  expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: key.kid, typ: eventsType });
  const joses = await new CompactSign(payload)
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: eventsType })
    .sign(await importJWK(key));
  await fact({ signature: joses });
});

test.each([
  { alg: 'none', typ: eventsType },
  { alg: 'HS256', typ: eventsType },
  { alg: 'EdDSA', typ: 'JWT' },
  { alg: 'EdDSA', typ: eventsType, crit: ['b64'] },
  { alg: 'EdDSA', typ: eventsType, jwk: {} },
])('a header %o is not ours', async (header) => {
  const [, payload, bytes] = signature.split('.');
  const { kid } = keys.find(({ speaker }) => speaker === 'ledger') as SigningKey;
  const first = Buffer.from(JSON.stringify({ ...header, kid })).toString('base64url');
  await expect(fact({ signature: `${first}.${payload}.${bytes}` })).rejects.toMatchObject({
    reason: 'signature_malformed',
  });
});

const receipts = 'com.microbank.receipts.requested';
test('a question passes with the token of who may ask it, for the function that is asked, for a minute', async () => {
  const token = voiceOf('users').vouch(receipts, 'notify');
  const ask = (authorization: string | undefined, question = receipts, asked = 'notify', heard = hearing) =>
    heard.question(authorization, question, asked);
  await ask(`Bearer ${token}`);
  const later = hearingWith(fixedKeys(publishedEventKeys(keys)), () => new Date(Date.now() + 75_000));
  for (const [asking, reason] of [
    [ask(undefined), 'token_missing'],
    [ask('Basic dXNlcg=='), 'token_missing'],
    [ask('Bearer nonsense'), 'token_invalid'],
    [ask(`Bearer ${token}`, receipts, 'read-users'), 'token_invalid'],
    [ask(`Bearer ${token}`, 'com.microbank.payee.requested'), 'token_invalid'],
    [ask(`Bearer ${token}`, receipts, 'notify', later), 'token_invalid'],
    [ask(`Bearer ${signature}`), 'token_invalid'],
    [ask(`Bearer ${voiceOf('operations').vouch(receipts, 'notify')}`), 'speaker_not_allowed'],
  ] as const)
    await expect(asking).rejects.toMatchObject({ name: 'Unheard', reason });
});

test('a token for a question is no signature of an event', async () => {
  await expect(fact({ signature: voiceOf('ledger').vouch(receipts, 'notify') })).rejects.toMatchObject({
    reason: 'signature_malformed',
  });
});

test('the platform is known by either of its proofs, and by nothing else', () => {
  hearing.platform('a-proof');
  hearing.platform('another-proof');
  expect(() => hearing.platform(undefined)).toThrow('proof missing');
  for (const shown of ['', 'a-proof ', 'A-proof', 'PLATFORM_PROOF'])
    expect(() => hearing.platform(shown)).toThrow('proof wrong');
});

test('two keys of one speaker are refused: nobody could tell which of them it signs with', () => {
  expect(() => createVoices([...keys, ...keys])).toThrow('two signing keys of users');
});
